import { concat, EMPTY, endWith, ignoreElements, Observable, of, retry, tap, timer, type OperatorFunction } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadRetrying } from '../../model/upload/event.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import type { ResolvedRetry } from '../../validation/retry.js';

/** A longer `Retry-After` than this is treated as a refusal. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/**
 * Resubscribes after a failure once `recover` has completed, and emits its notifications in the meantime. An error of
 * `recover` is final.
 *
 * ```text
 * source:    --#        --a|
 * recover:     r---|
 * result:    --r----------a|
 * ```
 */
export function retryWithNotifications<T, N>(recover: (error: unknown) => Observable<N>): OperatorFunction<T, T | N> {
  return (source$) =>
    new Observable<T | N>((subscriber) =>
      source$
        .pipe(
          retry({
            delay: (error: unknown) =>
              recover(error).pipe(
                tap((notification) => subscriber.next(notification)),
                ignoreElements(),
                endWith(null),
              ),
          }),
        )
        .subscribe(subscriber),
    );
}

/** Reports that the request will be sent again, and completes when it is time. */
export function untilResent$(
  { operation, partNumber }: Pick<ObsRequest, 'operation' | 'partNumber'>,
  attempt: number,
  delayMs: number,
  error: UploadError,
): Observable<UploadRetrying> {
  return concat(
    of({ type: 'retrying', operation, partNumber, attempt, delayMs, error: toUploadErrorInfo(error) } as const),
    delayMs > 0 ? timer(delayMs).pipe(ignoreElements()) : EMPTY,
  );
}

/**
 * Milliseconds until the next attempt; null if there is to be none. Exponential backoff with full jitter ("Exponential
 * Backoff And Jitter", AWS Architecture Blog); `Retry-After` is a floor.
 * @param attempt - the one that failed, from 1
 */
export function nextDelayMs(
  error: UploadError,
  attempt: number,
  retry: ResolvedRetry,
  retryable: boolean = error.retryable,
): number | null {
  if (!retryable || attempt >= retry.maxAttempts) return null;
  const requestedMs = error instanceof ServiceError ? (error.retryAfterMs ?? 0) : 0;
  if (requestedMs > MAX_RETRY_AFTER_MS) return null;
  const longestMs = Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (attempt - 1));
  return requestedMs + Math.round(longestMs * retry.jitter());
}
