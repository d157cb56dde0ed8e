import { Observable, Subject, takeUntil } from 'rxjs';

/** Runs a function inside or outside a zone: `run` and `runOutsideAngular` of `NgZone`. */
export type Way = (work: () => void) => void;

/** Subscribes to the source in one zone, and emits in the other. */
export function crossZones<T>(source$: Observable<T>, there: Way, back: Way): Observable<T> {
  return new Observable((subscriber) => {
    const left$ = new Subject<void>();
    // Before the first value, which may unsubscribe. In the source's zone too: a released permit starts other requests.
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
