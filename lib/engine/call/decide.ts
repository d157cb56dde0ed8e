import { SigningError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import {
  isClockSkew,
  isCredentialsError,
  mayBeCredentialsError,
  mayBeExpiredUrl,
} from '../../protocol/errors/classify-error.js';
import type { ResolvedRetry } from '../../validation/retry.js';
import { nextDelayMs } from './retry.js';

/** The history of one request. */
export interface RetryState {
  /** Attempts that counted. */
  readonly failures: number;
  /** Whether the clock has been corrected because of this request: once is enough. */
  readonly isClockChecked: boolean;
  /** Whether a refusal that a page may not read has been looked for because of this request: once is enough. */
  readonly isMaskChecked: boolean;
  /** Why the credentials or the signed URL were refused, if they were: the error if no others can be obtained. */
  readonly credentialsError: UploadError | null;
}

export const initialRetryState: RetryState = {
  failures: 0,
  isClockChecked: false,
  isMaskChecked: false,
  credentialsError: null,
};

/** A failed attempt. */
export interface Failure {
  readonly error: UploadError;
  /** How the request was signed: null where it could not be. */
  readonly signature: 'headers' | 'expiring' | null;
  /** Whether causes outside the request have been ruled out. */
  readonly isInvestigated: boolean;
}

export type Decision =
  /** The error is final. */
  | { readonly action: 'fail'; readonly error: UploadError }
  /** Send the request again. */
  | { readonly action: 'resend'; readonly afterMs: number }
  /** The service refuses the time: correct the clock and resend, or fail. */
  | { readonly action: 'correct-clock' }
  /** The signed URL may have expired: sign again. */
  | { readonly action: 'sign-again' }
  /** Sign with other credentials. `discard`: these are certainly refused, so nothing more may be sent with them. */
  | { readonly action: 'renew-credentials'; readonly discard: boolean }
  /**
   * There was no response. Something else may be the cause: an unreadable source, being offline, or a refusal that a
   * page is not allowed to read.
   */
  | { readonly action: 'investigate'; readonly source: boolean; readonly maskedRefusal: boolean };

export interface Decided {
  readonly decision: Decision;
  readonly state: RetryState;
}

/**
 * What to do about a failed attempt. Pure: it only returns the decision and the next state.
 * - the service refuses the clock: it is corrected, once, and costs no attempt
 * - the service refuses the credentials: others are obtained, once, and cost no attempt
 * - no response: other causes are looked for first
 * - otherwise, where it may help: backs off and spends an attempt
 */
export function decide(state: RetryState, failure: Failure, retry: ResolvedRetry): Decided {
  const { error, signature, isInvestigated } = failure;
  const mayRenew = signature !== null && state.credentialsError === null;
  const refused = { ...state, credentialsError: state.credentialsError ?? error };
  const once = (decision: Decision): Decided =>
    mayRenew ? { decision, state: refused } : backOff(refused, error, retry);

  if (signature === 'expiring' && mayBeExpiredUrl(error)) return once({ action: 'sign-again' });
  if (isClockSkew(error)) {
    return state.isClockChecked
      ? { decision: { action: 'fail', error: clockSkewError(error) }, state }
      : { decision: { action: 'correct-clock' }, state: { ...state, isClockChecked: true } };
  }
  if (isCredentialsError(error)) return once({ action: 'renew-credentials', discard: true });
  if (mayBeCredentialsError(error)) return once({ action: 'renew-credentials', discard: false });
  if (!hasNoResponse(error) || isInvestigated) return backOff(state, error, retry);
  // One lost response may be chance; a second one may be a refusal without CORS headers, unless one could be read.
  const isMaskPossible = !state.isMaskChecked && !state.isClockChecked;
  const maskedRefusal = isMaskPossible && state.failures > 0 && error.code === 'network';
  return { decision: { action: 'investigate', source: !isSigningFailure(error), maskedRefusal }, state };
}

function backOff(state: RetryState, error: UploadError, retry: ResolvedRetry): Decided {
  const failures = state.failures + 1;
  const delayMs = nextDelayMs(error, failures, retry);
  const next = { ...state, failures };
  if (delayMs !== null) return { decision: { action: 'resend', afterMs: delayMs }, state: next };
  // Signing failed because the service had refused the credentials: report that refusal.
  const cause = isSigningFailure(error) ? (state.credentialsError ?? error) : error;
  return { decision: { action: 'fail', error: cause }, state: next };
}

/** Failures that a missing network explains: no service has refused anything. */
function hasNoResponse(error: UploadError): boolean {
  return error.retryable && (error.code === 'network' || error.code === 'stalled' || isSigningFailure(error));
}

/** Nothing was sent, because the request could not be signed. */
function isSigningFailure({ code }: UploadError): boolean {
  return code === 'credentials' || code === 'presign';
}

/** There is no source for the right time, or it gave the same time. */
export function clockSkewError(refused: UploadError): SigningError {
  return new SigningError(
    'clock-skew',
    "The service refuses this machine's clock, and there is no source for the right time. Set the clock, pass " +
      'serverTime, or expose the Date header in the CORS rule of the bucket.',
    { operation: refused.operation, partNumber: refused.partNumber, cause: refused },
  );
}
