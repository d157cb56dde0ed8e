import { defer, Observable, Subject, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import { inject, NgZone } from '@angular/core';

/** Runs a function inside or outside a zone: `run` and `runOutsideAngular` of `NgZone`. */
type Way = (work: () => void) => void;

/** Subscribes to the source in one zone, and emits in the other. */
function crossZones<T>(source$: Observable<T>, there: Way, back: Way): Observable<T> {
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

/**
 * Runs an upload outside Angular's zone: requests, their progress and timers cause no change detection, only emitted
 * values do. Without zone.js it has no effect. Connections of `provideObsConnection` do so already: this is for those
 * of `createObsConnection`.
 *
 * ```text
 * in the zone:   --s--p--p--(d|)
 * outside:       -x-xx-xxxx-x--      (x: progress of a request, a timer)
 * ```
 *
 * @param zone - by default injected, so call this in an injection context or pass a zone
 *
 * @example
 * ```ts
 * uploadFile$(obs, request).pipe(runOutsideAngular(), takeUntilDestroyed()).subscribe(showEvent);
 * ```
 */
export function runOutsideAngular<T>(zone: NgZone = inject(NgZone)): MonoTypeOperatorFunction<T> {
  return (source$) =>
    crossZones(
      source$,
      (work) => zone.runOutsideAngular(work),
      (work) => zone.run(work),
    );
}

/**
 * Sends a request inside Angular's zone, as interceptors expect (one may navigate to a login page); its response is
 * emitted in the zone of the subscriber.
 */
export function askInside<T>(zone: NgZone, response$: Observable<T>): Observable<T> {
  const inside: Way = (work) => zone.run(work);
  const outside: Way = (work) => zone.runOutsideAngular(work);
  return defer(() => crossZones(response$, inside, NgZone.isInAngularZone() ? inside : outside));
}
