import { Observable, Subject, takeUntil } from 'rxjs';

/** A way into a zone, or out of it: `run` and `runOutsideAngular` of `NgZone`. */
export type Way = (work: () => void) => void;

/** Subscribes to the source the one way, and tells what comes the other. */
export function crossZones<T>(source$: Observable<T>, there: Way, back: Way): Observable<T> {
  return new Observable((subscriber) => {
    const left$ = new Subject<void>();
    // Ahead of the first value, which may unsubscribe. Over there too: a permit that is given back starts others.
    subscriber.add(() => there(() => left$.next()));
    there(() =>
      source$.pipe(takeUntil(left$)).subscribe({
        next: (value) => back(() => subscriber.next(value)),
        error: (error: unknown) => back(() => subscriber.error(error)),
        complete: () => back(() => subscriber.complete()),
      }),
    );
  });
}
