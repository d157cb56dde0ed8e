import { NgZone } from '@angular/core';
import { defer, type Observable } from 'rxjs';
import { crossZones, type Way } from './cross-zones.js';

/**
 * Asks inside of Angular's zone, where interceptors expect to be (one may send the user to a login page); the answer
 * comes where it was asked for.
 */
export function askInside<T>(zone: NgZone, answer$: Observable<T>): Observable<T> {
  const inside: Way = (work) => zone.run(work);
  const outside: Way = (work) => zone.runOutsideAngular(work);
  return defer(() => crossZones(answer$, inside, NgZone.isInAngularZone() ? inside : outside));
}
