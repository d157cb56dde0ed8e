import { NgZone } from '@angular/core';
import { defer, type Observable } from 'rxjs';
import { crossZones, type Way } from './cross-zones.js';

/**
 * Sends a request inside Angular's zone, as interceptors expect (one may navigate to a login page); its response is
 * emitted in the zone of the subscriber.
 */
export function askInside<T>(zone: NgZone, response$: Observable<T>): Observable<T> {
  const inside: Way = (work) => zone.run(work);
  const outside: Way = (work) => zone.runOutsideAngular(work);
  return defer(() => crossZones(response$, inside, NgZone.isInAngularZone() ? inside : outside));
}
