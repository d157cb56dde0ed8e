import { catchError, EMPTY, ignoreElements, mergeMap, Subject, tap, type Observable, type Subscriber } from 'rxjs';

/** Work besides uploads that the queue waits for before it completes. */
export interface Tasks {
  readonly add: (
    task$: Observable<unknown>,
    end: { readonly done?: () => void; readonly failed: (error: unknown) => void },
  ) => void;
  readonly isIdle: () => boolean;
}

/** @param onEnd - is called after each task, once it is no longer counted */
export function createTasks(onEnd: () => void, subscriber: Subscriber<unknown>, atOnce = Infinity): Tasks {
  const tasks$ = new Subject<Observable<never>>();
  let unfinished = 0;
  subscriber.add(tasks$.pipe(mergeMap((task$) => task$, atOnce)).subscribe());
  return {
    add: (task$, { done, failed }) => {
      unfinished += 1;
      const end = (): void => {
        unfinished -= 1;
        onEnd();
      };
      tasks$.next(
        task$.pipe(
          tap({ complete: () => done?.() }),
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
