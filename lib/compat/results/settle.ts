import { asapScheduler, firstValueFrom, observeOn, of, take, throwIfEmpty, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import type { ObsCallback, ObsResult } from '../model/result.js';
import { ObsClientError } from '../obs-client-error.js';
import { toClientError } from './client-error.js';

/**
 * Subscribes, and passes the first result or the error to the callback, once and never before the call has returned; or
 * to a Promise if there is no callback. Errors thrown by the callback are reported by RxJS as unhandled.
 */
export function settle<T>(
  result$: Observable<ObsResult<T>>,
  callback: ObsCallback<T> | undefined,
): Promise<ObsResult<T>> | undefined {
  const outcome$ = result$.pipe(
    take(1),
    throwIfEmpty(() => new ObsClientError('unexpected', 'The call ended without a result.')),
    mapError(toClientError),
  );
  if (typeof callback !== 'function') return firstValueFrom(outcome$);
  outcome$.pipe(observeOn(asapScheduler)).subscribe({
    next: (result) => callback(null, result),
    error: (error: unknown) => callback(error as ObsClientError, null),
  });
  return undefined;
}

/** Errors thrown by the callback do not stop an upload; RxJS reports them as unhandled. */
export function callBack(callback: () => void): void {
  of(null).subscribe(callback);
}
