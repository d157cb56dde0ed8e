import {
  catchError,
  concat,
  defer,
  EMPTY,
  first,
  ignoreElements,
  map,
  merge,
  of,
  switchMap,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { isUploadError, toUploadErrorInfo } from '../errors/is-upload-error.js';
import { ServiceError } from '../errors/service-error.js';
import type { UploadError } from '../errors/upload-error.js';
import type { ObsCredentials } from '../model/credentials.js';
import type { UploadRetrying, UploadWaiting } from '../model/event.js';
import type { Operation } from '../model/operation.js';
import type { CallContext } from './call-context.js';
import { correctClock$ } from './correct-clock.js';
import { asksForLess, refusesClock, refusesKeys } from './refusals.js';
import { nextDelayMs } from './retry-policy.js';

/** One request through all its attempts. */
export interface Attempts {
  readonly operation: Operation;
  readonly partNumber: number | null;
  /** The current one, from 1. */
  attempt: number;
  /** Those that counted. */
  failures: number;
  /** What the current attempt was signed with: the keys, and what was known of the service's clock. */
  signedWith: { readonly credentials: ObsCredentials; readonly offsetMs: number | null } | null;
  clockCorrected: boolean;
  /** Why the keys were refused, where they were: what to tell when no others can be had. */
  keysRefusal: UploadError | null;
}

export function firstAttempt({ operation, partNumber }: Pick<Attempts, 'operation' | 'partNumber'>): Attempts {
  return {
    operation,
    partNumber,
    attempt: 1,
    failures: 0,
    signedWith: null,
    clockCorrected: false,
    keysRefusal: null,
  };
}

/**
 * What to do about a failed attempt: completes when the request is to be sent again, fails when it is over.
 * - the service refuses the clock: the right time is learned, once, at no cost
 * - the service refuses the keys: others are asked for, once, at no cost
 * - offline: waits for the network, at no cost
 * - else, where it may help: backs off and spends an attempt
 */
export function recover$(
  context: CallContext,
  attempts: Attempts,
  error: unknown,
  probe$: Observable<never>,
): Observable<UploadRetrying | UploadWaiting> {
  if (!isUploadError(error)) return throwError(() => error);
  if (asksForLess(error)) context.shared.pool.throttled();
  if (refusesClock(error) && !attempts.clockCorrected) {
    attempts.clockCorrected = true;
    return concat(correctClock$(context, error, attempts.signedWith?.offsetMs ?? null), again$(attempts, error, 0));
  }
  if (refusesKeys(error) && attempts.keysRefusal === null && attempts.signedWith !== null) {
    attempts.keysRefusal = error;
    if (context.shared.credentials.discard(attempts.signedWith.credentials)) return again$(attempts, error, 0);
  }
  if (error.code !== 'network') return backOff$(context, attempts, error);
  return concat(
    probe$,
    isOnline$(context.shared.online$).pipe(
      switchMap((online) => (online ? backOff$(context, attempts, error) : untilOnline$(context, attempts, error))),
    ),
  );
}

function untilOnline$(
  { shared: { online$ } }: CallContext,
  attempts: Attempts,
  error: UploadError,
): Observable<UploadRetrying | UploadWaiting> {
  const back$ = online$.pipe(
    first((online) => online),
    ignoreElements(),
    // Nothing will ever say that the network is back.
    catchError(() => throwError(() => error)),
  );
  return concat(of({ type: 'waiting', reason: 'offline' } as const), back$, again$(attempts, error, 0));
}

/** Who has not said anything is online. */
function isOnline$(online$: Observable<boolean>): Observable<boolean> {
  return merge(online$, timer(0).pipe(map(() => true))).pipe(take(1));
}

function backOff$(context: CallContext, attempts: Attempts, error: UploadError): Observable<UploadRetrying> {
  attempts.failures++;
  const retryAfterMs = error instanceof ServiceError ? error.retryAfterMs : null;
  const delayMs = nextDelayMs({ attempt: attempts.failures, retryable: error.retryable, retryAfterMs }, context.retry);
  if (delayMs !== null) return again$(attempts, error, delayMs);
  return throwError(() => (error.code === 'credentials' ? (attempts.keysRefusal ?? error) : error));
}

function again$(attempts: Attempts, error: UploadError, delayMs: number): Observable<UploadRetrying> {
  return defer(() => {
    const { operation, partNumber } = attempts;
    const attempt = attempts.attempt++;
    const told = {
      type: 'retrying',
      operation,
      partNumber,
      attempt,
      delayMs,
      error: toUploadErrorInfo(error),
    } as const;
    return concat(of(told), delayMs > 0 ? timer(delayMs).pipe(ignoreElements()) : EMPTY);
  });
}
