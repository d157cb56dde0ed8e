import { inject, NgZone } from '@angular/core';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { crossZones } from './cross-zones.js';

/**
 * Runs an upload outside of Angular's zone: requests, their progress and timers cause no change detection, only what
 * is emitted does. Without zone.js it changes nothing. Connections of `provideObsConnection` do so by themselves: this is
 * for those of `createObsConnection`.
 *
 * ```text
 * in the zone:   --s--p--p--(d|)
 * outside:       -x-xx-xxxx-x--      (x: progress of a request, a timer)
 * ```
 *
 * @param zone - by default that of the injector; so call it where `inject` may be called, or give one
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
