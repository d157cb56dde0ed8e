import { inject, NgZone } from '@angular/core';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { crossZones } from './cross-zones.js';

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
