import { concat, defer, EMPTY, ignoreElements, of, switchMap, throwError, timer, type Observable } from 'rxjs';
import { isUploadError, toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { ObsCredentials } from '../../model/credentials.js';
import type { UploadErrorCode } from '../../model/error-info.js';
import type { UploadRetrying, UploadWaiting } from '../../model/event.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import type { CallContext } from './call-context.js';
import { askTheTime$, clockSkew, correctClock$ } from './correct-clock.js';
import { findHiddenRefusal$ } from './hidden-refusal.js';
import { isOnline$, untilOnline$ } from './offline.js';
import {
  isThrottling,
  mayBeCredentialsError,
  isClockSkew,
  mayBeExpiredUrl,
  isCredentialsError,
} from '../../protocol/classify-error.js';
import { nextDelayMs } from './retry-policy.js';
import type { Signature } from './sign.js';

/** One request through all its attempts. */
export interface Attempts {
  readonly request: ObsRequest;
  /** The current one, from 1. */
  attempt: number;
  /** Those that counted. */
  failures: number;
  /** What the current attempt was signed with. */
  signedWith: Signature | null;
  /** Whether the clock has been looked at because of this request: once is enough. */
  clockChecked: boolean;
  /** Why the keys or the signed URL were refused, where they were: what to tell when no others can be had. */
  keysRefusal: UploadError | null;
}

export function firstAttempt(request: ObsRequest): Attempts {
  return { request, attempt: 1, failures: 0, signedWith: null, clockChecked: false, keysRefusal: null };
}

type Told = UploadRetrying | UploadWaiting;

/**
 * What to do about a failed attempt: completes when the request is to be sent again, fails when it is over.
 * - the service refuses the clock: the right time is learned, once, at no cost
 * - the service refuses the keys: others are asked for, once, at no cost
 * - no answer: looks whether the file is to blame (`probe$`), or the signature
 * - offline: waits for the network, at no cost
 * - else, where it may help: backs off and spends an attempt
 */
export function recover$(
  context: CallContext,
  attempts: Attempts,
  error: unknown,
  probe$: Observable<never>,
): Observable<Told> {
  if (!isUploadError(error)) return throwError(() => error);
  const { pool, signer, credentials, online$ } = context.shared;
  if (isThrottling(error)) pool.throttled();
  const { signedWith } = attempts;
  if (signedWith?.expiresByItself === true && mayBeExpiredUrl(error)) {
    return signAgain$(context, attempts, error, signer.isRemote === true ? credentials.renew : () => true);
  }
  if (isClockSkew(error)) {
    if (attempts.clockChecked) return throwError(() => clockSkew(error));
    attempts.clockChecked = true;
    return concat(correctClock$(context, error, signedWith?.offsetMs ?? null), again$(attempts, error, 0));
  }
  if (isCredentialsError(error)) return signAgain$(context, attempts, error, credentials.discard);
  if (mayBeCredentialsError(error)) return signAgain$(context, attempts, error, credentials.renew);
  if (!isUnanswered(error)) return backOff$(context, attempts, error);
  const goOn$ = isOnline$(online$).pipe(
    switchMap((online) =>
      online
        ? withoutAnswer$(context, attempts, error)
        : concat(untilOnline$(online$, error), again$(attempts, error, 0)),
    ),
  );
  return isOfSigning(error.code) ? goOn$ : concat(probe$, goOn$);
}

/** What a network that is away may be behind: nobody said no. */
function isUnanswered({ code, retryable }: UploadError): boolean {
  return retryable && (code === 'network' || code === 'stalled' || isOfSigning(code));
}

/** Once for each request: with other keys where there are some, or a new URL. */
function signAgain$(
  context: CallContext,
  attempts: Attempts,
  error: UploadError,
  canSignAgain: (refused: ObsCredentials) => boolean,
): Observable<UploadRetrying> {
  const { signedWith, keysRefusal } = attempts;
  attempts.keysRefusal ??= error;
  const again = keysRefusal === null && signedWith !== null && canSignAgain(signedWith.credentials);
  return again ? again$(attempts, error, 0) : backOff$(context, attempts, error);
}

/** Once is chance. When no answer comes to a request again, a refusal that a page may not read can be behind it. */
function withoutAnswer$(context: CallContext, attempts: Attempts, error: UploadError): Observable<UploadRetrying> {
  const isChance = attempts.failures === 0 || error.code !== 'network';
  if (isChance || attempts.clockChecked) return backOff$(context, attempts, error);
  attempts.clockChecked = true;
  return askTheTime$(context).pipe(
    switchMap((corrected) =>
      corrected
        ? again$(attempts, error, 0)
        : concat(
            findHiddenRefusal$(context, attempts.request),
            defer(() => backOff$(context, attempts, error)),
          ),
    ),
  );
}

function backOff$(context: CallContext, attempts: Attempts, error: UploadError): Observable<UploadRetrying> {
  attempts.failures++;
  const retryAfterMs = error instanceof ServiceError ? error.retryAfterMs : null;
  const delayMs = nextDelayMs({ attempt: attempts.failures, retryable: error.retryable, retryAfterMs }, context.retry);
  if (delayMs !== null) return again$(attempts, error, delayMs);
  return throwError(() => (isOfSigning(error.code) ? (attempts.keysRefusal ?? error) : error));
}

/** Nothing was sent, because nothing could be signed. */
function isOfSigning(code: UploadErrorCode): boolean {
  return code === 'credentials' || code === 'presign';
}

function again$(attempts: Attempts, error: UploadError, delayMs: number): Observable<UploadRetrying> {
  return defer(() => {
    const { operation, partNumber } = attempts.request;
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
