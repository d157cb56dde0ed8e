import { InvalidOptionsError } from '../model/errors/errors.js';
import type { RetryOptions } from '../upload-request.js';
import { requireInteger, requireMilliseconds, requireObject } from './check.js';

export interface ResolvedRetry {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** 0 to 1: the share of the longest delay to wait. */
  readonly jitter: () => number;
}

export function resolveRetry(options: RetryOptions = {}): ResolvedRetry {
  requireObject('retry', options);
  return {
    maxAttempts: requireInteger('retry.maxAttempts', options.maxAttempts ?? 5, 1),
    baseDelayMs: requireMilliseconds('retry.baseDelayMs', options.baseDelayMs ?? 500, 0),
    maxDelayMs: requireMilliseconds('retry.maxDelayMs', options.maxDelayMs ?? 30_000, 0),
    jitter: resolveJitter(options.jitter ?? 'full'),
  };
}

function resolveJitter(jitter: unknown): () => number {
  if (jitter === 'full') return Math.random;
  if (jitter === 'none') return () => 1;
  if (typeof jitter === 'function') return jitter as () => number;
  throw new InvalidOptionsError('retry.jitter', "retry.jitter must be 'full', 'none' or a function like Math.random.");
}
