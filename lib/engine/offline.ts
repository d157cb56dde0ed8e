import {
  catchError,
  concat,
  first,
  ignoreElements,
  map,
  merge,
  of,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import type { UploadError } from '../errors/upload-error.js';
import type { UploadWaiting } from '../model/event.js';

/** Who has not said anything, or cannot, is online. */
export function isOnline$(online$: Observable<boolean>): Observable<boolean> {
  return merge(online$, timer(0).pipe(map(() => true))).pipe(
    take(1),
    catchError(() => of(true)),
  );
}

/** Says that it waits, and completes when the network is back; fails with the error where nothing will ever say so. */
export function untilOnline$(online$: Observable<boolean>, error: UploadError): Observable<UploadWaiting> {
  const back$ = online$.pipe(
    first((online) => online),
    ignoreElements(),
    catchError(() => throwError(() => error)),
  );
  return concat(of({ type: 'waiting', reason: 'offline' } as const), back$);
}
