import type { ResolvedRetry } from '../../validation/retry.js';

/** Longer than this nobody waits: a service that asks for more has in truth refused. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

export interface FailedAttempt {
  /** from 1 */
  readonly attempt: number;
  readonly retryable: boolean;
  /** What the service asked for, where it did. */
  readonly retryAfterMs: number | null;
}

/**
 * How long to wait before the next attempt; null: there is none. Exponential backoff with full jitter ("Exponential
 * Backoff And Jitter", AWS Architecture Blog); `Retry-After` is a floor.
 */
export function nextDelayMs(failed: FailedAttempt, retry: ResolvedRetry): number | null {
  if (!failed.retryable || failed.attempt >= retry.maxAttempts) return null;
  const asked = failed.retryAfterMs ?? 0;
  if (asked > MAX_RETRY_AFTER_MS) return null;
  const longest = Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (failed.attempt - 1));
  return asked + Math.round(longest * retry.jitter());
}
