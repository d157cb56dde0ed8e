import { catchError, concat, defer, EMPTY, map, of, switchMap, tap, throwError, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadRetrying, UploadWaiting } from '../../model/upload/event.js';
import { isThrottling } from '../../protocol/errors/classify-error.js';
import type { ObsRequest } from '../../protocol/obs-request.js';
import type { CallContext } from '../upload.js';
import { clockSkewError, decide, initialRetryState, type Decision } from './decide.js';
import { isOnline$, maskedRefusalError, mayBeMasked$, untilOnline$ } from './no-response.js';
import { untilResent$ } from './retry.js';
import type { Signature } from './sign.js';
import { ServiceError } from '../../model/errors/errors.js';
import { firstValue$ } from '../../ports/from-port.js';
import { wallNow } from '../../time.js';

export type RecoveryNotification = UploadRetrying | UploadWaiting;

/** The recovery of one request: carries out what `decide` decides. */
export interface Recovery {
  /** The current attempt, from 1. */
  readonly attempt: () => number;
  /** Records how the current attempt was signed. */
  readonly signed: (signature: Signature) => void;
  /** Completes when the request is to be sent again; its error is final. */
  readonly recover$: (error: unknown) => Observable<RecoveryNotification>;
}

/** @param probe$ - looks for a cause in the source: completes if there is none, fails with it otherwise */
export function createRecovery(
  context: CallContext,
  request: ObsRequest,
  probe$: Observable<never>,
  firstAttempt: number,
): Recovery {
  const { pool, signer, credentials, online$ } = context.shared;
  let attempt = firstAttempt;
  let signature: Signature | null = null;
  /** The attempt whose loss proves that the service's refusal is masked: the one after a sign of that. */
  let decisiveAttempt: number | null = null;
  let state = initialRetryState;

  const decideOn = (error: UploadError, isInvestigated: boolean): Decision => {
    const signedBy = signature === null ? null : signature.expiresByItself ? 'expiring' : 'headers';
    const decided = decide(state, { error, signature: signedBy, isInvestigated }, context.retry);
    state = decided.state;
    return decided.decision;
  };

  const canSignAgain = ({
    action,
    discard,
  }: {
    readonly action: Decision['action'];
    readonly discard?: boolean;
  }): boolean => {
    if (signature === null) return false;
    if (action === 'sign-again' && signer.isRemote !== true) return true;
    return discard === true ? credentials.discard(signature.credentials) : credentials.renew(signature.credentials);
  };

  const carryOut$ = (decision: Decision, error: UploadError): Observable<RecoveryNotification> => {
    switch (decision.action) {
      case 'fail':
        return throwError(() => decision.error);
      case 'resend':
        return resend$(error, decision.afterMs);
      case 'correct-clock':
        return concat(correctClock$(context, error, signature), resend$(error, 0));
      case 'sign-again':
      case 'renew-credentials':
        return canSignAgain(decision) ? resend$(error, 0) : carryOut$(decideOn(error, false), error);
      case 'investigate':
        return concat(decision.source ? probe$ : EMPTY, investigate$(error, decision.maskedRefusal));
    }
  };

  const investigate$ = (error: UploadError, maskedRefusal: boolean): Observable<RecoveryNotification> =>
    isOnline$(online$).pipe(
      switchMap((online) => {
        if (!online) return concat(untilOnline$(online$, error), resend$(error, 0));
        const isMasked = attempt === decisiveAttempt && error.code === 'network' && !pool.hasSucceeded();
        if (isMasked) return throwError(() => maskedRefusalError(request));
        const backOff$ = defer(() => carryOut$(decideOn(error, true), error));
        if (!maskedRefusal) return backOff$;
        state = { ...state, isMaskChecked: true };
        return learnTime$(context).pipe(
          switchMap((learned) => (learned ? of(true) : expectDecision$())),
          switchMap((atOnce) => (atOnce ? resend$(error, 0) : backOff$)),
        );
      }),
    );

  /** Emits whether a refusal may be masked; then the next attempt decides. */
  const expectDecision$ = (): Observable<boolean> =>
    mayBeMasked$(context).pipe(
      tap((mayBeMasked) => {
        if (mayBeMasked) decisiveAttempt = attempt + 1;
      }),
    );

  const resend$ = (error: UploadError, delayMs: number): Observable<UploadRetrying> =>
    defer(() => untilResent$(request, attempt++, delayMs, error));

  return {
    attempt: () => attempt,
    signed: (newSignature) => void (signature = newSignature),
    recover$: (error) =>
      defer(() => {
        if (!isUploadError(error)) return throwError(() => error);
        if (isThrottling(error)) pool.throttled();
        return carryOut$(decideOn(error, false), error);
      }),
  };
}

/** The service allows 15 minutes between the date of a request and its arrival. */
const LATE_MS = 14 * 60_000;

/**
 * Completes when the clock has been corrected after the service refused it: by the time in its response, or by the
 * application's `serverTime`. Where neither gives another time, the request may have been late, as after a sleep of the
 * machine: then nothing has to be corrected. Fails with a `SigningError` otherwise.
 */
function correctClock$(context: CallContext, refused: UploadError, signature: Signature | null): Observable<never> {
  const { clock } = context.shared;
  return defer(() => {
    // Another request has corrected it in the meantime.
    if (clock.offsetMs !== (signature?.offsetMs ?? null)) return EMPTY;
    const serverTime = refused instanceof ServiceError ? refused.serverTime : null;
    if (serverTime !== null && clock.learn(serverTime)) return EMPTY;
    return learnTime$(context).pipe(
      switchMap((learned) =>
        learned || (signature !== null && wallNow() - signature.signedAt >= LATE_MS)
          ? EMPTY
          : throwError(() => clockSkewError(refused)),
      ),
    );
  });
}

/** Whether the application's `serverTime` has corrected the clock; false where it cannot, or the clock was right. */
function learnTime$({ shared: { clock, serverTime$ }, stallTimeoutMs }: CallContext): Observable<boolean> {
  if (serverTime$ === null) return of(false);
  const silent = (): Error => new Error('serverTime did not respond.');
  const empty = (): Error => new Error('serverTime completed without a value.');
  return firstValue$(() => serverTime$, { port: 'serverTime', withinMs: stallTimeoutMs, silent, empty }).pipe(
    map((time) => clock.learn(time)),
    catchError(() => of(false)),
  );
}
