import { catchError, EMPTY, ignoreElements, mergeMap, Subject, tap, type Observable, type Subscriber } from 'rxjs';

/** How many are carried out at once. */
const AT_ONCE = 4;

/** What deletes parts on the server, a few at a time. */
export interface Aborts {
  readonly add: (
    abort$: Observable<unknown>,
    end: { readonly done: () => void; readonly failed: (error: unknown) => void },
  ) => void;
  readonly isIdle: () => boolean;
}

export function createAborts(onEnd: () => void, subscriber: Subscriber<unknown>): Aborts {
  const aborts$ = new Subject<Observable<never>>();
  let unfinished = 0;
  subscriber.add(aborts$.pipe(mergeMap((abort$) => abort$, AT_ONCE)).subscribe());
  return {
    add: (abort$, { done, failed }) => {
      unfinished += 1;
      const end = (): void => {
        unfinished -= 1;
        onEnd();
      };
      aborts$.next(
        abort$.pipe(
          tap({ complete: done }),
          ignoreElements(),
          catchError((error: unknown) => {
            failed(error);
            return EMPTY;
          }),
          tap({ complete: end }),
        ),
      );
    },
    isIdle: () => unfinished === 0,
  };
}
