import { endWith, ignoreElements, Observable, retry, tap, type OperatorFunction } from 'rxjs';
import type { ResolvedRetry } from '../../validation/retry.js';

/** A service that asks for a longer wait than this has in truth refused. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/**
 * Subscribes again after a failure once `recover` has completed, and emits its notifications meanwhile; an error of
 * `recover` is the end.
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

export interface FailedAttempt {
  /** from 1 */
  readonly attempt: number;
  readonly retryable: boolean;
  /** What the service asked for, where it did. */
  readonly retryAfterMs: number | null;
}

/**
 * Milliseconds until the next attempt; null where there is none. Exponential backoff with full jitter ("Exponential
 * Backoff And Jitter", AWS Architecture Blog); `Retry-After` is a floor.
 */
export function nextDelayMs(failed: FailedAttempt, retry: ResolvedRetry): number | null {
  if (!failed.retryable || failed.attempt >= retry.maxAttempts) return null;
  const requestedMs = failed.retryAfterMs ?? 0;
  if (requestedMs > MAX_RETRY_AFTER_MS) return null;
  const longestMs = Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (failed.attempt - 1));
  return requestedMs + Math.round(longestMs * retry.jitter());
}
