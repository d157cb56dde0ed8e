import {
  asapScheduler,
  catchError,
  firstValueFrom,
  observeOn,
  of,
  take,
  throwError,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { ObsCallback, ObsResult } from '../model/result.js';
import { ObsClientError } from '../obs-client-error.js';
import { toClientError } from './client-error.js';

/**
 * Subscribes, and hands the first result or the error to the callback, once and never before the call has returned; or
 * to a Promise, where there is no callback. What a callback throws goes where RxJS reports errors that nobody handles.
 */
export function settle<T>(
  result$: Observable<ObsResult<T>>,
  callback: ObsCallback<T> | undefined,
): Promise<ObsResult<T>> | undefined {
  const outcome$ = result$.pipe(
    take(1),
    throwIfEmpty(() => new ObsClientError('unexpected', 'The call ended without a result.')),
    catchError((error: unknown) => throwError(() => toClientError(error))),
  );
  if (typeof callback !== 'function') return firstValueFrom(outcome$);
  outcome$.pipe(observeOn(asapScheduler)).subscribe({
    next: (result) => callback(null, result),
    error: (error: unknown) => callback(error as ObsClientError, null),
  });
  return undefined;
}

/** Calls back: what the callback throws must not stop an upload, but is not lost either. */
export function tell(callback: () => void): void {
  of(null).subscribe(callback);
}
