import {
  catchError,
  concat,
  EMPTY,
  every,
  first,
  ignoreElements,
  of,
  switchMap,
  takeUntil,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadWaiting } from '../../model/event.js';

/** A browser's word on the network and the fate of its requests take different ways: they come this close together. */
const SETTLE_MS = 250;

/** Who does not say for a while that the network is away, or cannot, is online. */
export function isOnline$(online$: Observable<boolean>): Observable<boolean> {
  return online$.pipe(
    catchError(() => EMPTY),
    takeUntil(timer(SETTLE_MS)),
    every((online) => online),
  );
}

/**
 * Says that it waits, and completes when the network is back and stays; fails with the error where nothing will ever
 * say so.
 */
export function untilOnline$(online$: Observable<boolean>, error: UploadError): Observable<UploadWaiting> {
  const back$ = online$.pipe(
    switchMap((online) => (online ? timer(SETTLE_MS) : EMPTY)),
    first(),
    ignoreElements(),
    catchError(() => throwError(() => error)),
  );
  return concat(of({ type: 'waiting', reason: 'offline' } as const), back$);
}
