import { NetworkError, ServiceError, SigningError, SourceError, type UploadError } from 'rx-obs-upload';
import {
  decide,
  initialRetryState,
  type Decision,
  type Failure,
  type RetryState,
} from '../../../../lib/engine/call/decide.js';
import type { Operation } from '../../../../lib/model/operation.js';
import { resolveRetry } from '../../../../lib/validation/retry.js';

const retry = resolveRetry({ maxAttempts: 3, baseDelayMs: 100, maxDelayMs: 1000, jitter: 'none' });

function refused(
  status: number,
  serviceCode: string | null,
  overrides: { readonly operation?: Operation; readonly retryable?: boolean; readonly retryAfterMs?: number } = {},
): ServiceError {
  const details = { operation: 'uploadPart', requestId: null, status, serviceCode, ...overrides } as const;
  return new ServiceError('service', 'It was refused.', details);
}

const lost = new NetworkError('network', 'The connection broke.', { retryable: true });
const stalled = new NetworkError('stalled', 'Nothing moved.', { retryable: true });
const noCredentials = new SigningError('credentials', 'There are none.', { retryable: true });
const noUrl = new SigningError('presign', 'The backend is down.', { retryable: true });
const busy = refused(503, 'SlowDown', { retryable: true });
const skewed = refused(403, 'RequestTimeTooSkewed');
const expired = refused(400, 'ExpiredToken');
const denied = refused(403, 'AccessDenied');

const failedOnce: RetryState = { ...initialRetryState, failures: 1 };
const failedTwice: RetryState = { ...initialRetryState, failures: 2 };
const clockChecked: RetryState = { ...failedOnce, isClockChecked: true };
const maskChecked: RetryState = { ...failedOnce, isMaskChecked: true };
const renewed: RetryState = { ...initialRetryState, credentialsError: expired };

const resend = (afterMs: number): Decision => ({ action: 'resend', afterMs });
const fail = (error: UploadError): Decision => ({ action: 'fail', error });
const renew = (discard: boolean): Decision => ({ action: 'renew-credentials', discard });
const investigate = (source: boolean, maskedRefusal: boolean): Decision => ({
  action: 'investigate',
  source,
  maskedRefusal,
});

type Row = readonly [
  name: string,
  state: RetryState,
  failure: Pick<Failure, 'error'> & Partial<Failure>,
  decision: Decision,
  newState?: Partial<RetryState>,
];

const wrongSignature = refused(403, 'SignatureDoesNotMatch');
const unknownKey = refused(403, 'InvalidAccessKeyId');
const unauthorized = refused(401, null);
const headRefused = refused(403, null, { operation: 'headObject' });
const listDenied = refused(403, 'AccessDenied', { operation: 'listParts' });
const noBucket = refused(404, 'NoSuchBucket');
const wait2s = refused(503, 'ServiceUnavailable', { retryable: true, retryAfterMs: 2000 });
const wait6min = refused(503, 'ServiceUnavailable', { retryable: true, retryAfterMs: 6 * 60_000 });
const unreadable = new SourceError('source-unreadable', 'It is gone.');

const rows: readonly Row[] = [
  ['a busy service: backs off', initialRetryState, { error: busy }, resend(100), { failures: 1 }],
  ['… longer the second time', failedOnce, { error: busy }, resend(200), { failures: 2 }],
  ['… and gives up after the last attempt', failedTwice, { error: busy }, fail(busy), { failures: 3 }],
  ['Retry-After: a lower bound of the delay', initialRetryState, { error: wait2s }, resend(2100), { failures: 1 }],
  ['Retry-After of more than five minutes: fails', initialRetryState, { error: wait6min }, fail(wait6min)],
  ['a final refusal', initialRetryState, { error: noBucket }, fail(noBucket)],
  ['an unreadable source', initialRetryState, { error: unreadable }, fail(unreadable)],

  ['no response: checks the source', initialRetryState, { error: lost }, investigate(true, false), { failures: 0 }],
  ['no response again: checks for a masked refusal', failedOnce, { error: lost }, investigate(true, true), failedOnce],
  ['… only once', maskChecked, { error: lost }, investigate(true, false)],
  ['… not once a refusal of the clock could be read', clockChecked, { error: lost }, investigate(true, false)],
  ['a stalled request: checks the source', initialRetryState, { error: stalled }, investigate(true, false)],
  ['stalled again: not a masked refusal', failedOnce, { error: stalled }, investigate(true, false)],
  [
    'no signature: the source cannot be the cause',
    initialRetryState,
    { error: noCredentials, signature: null },
    investigate(false, false),
  ],
  ['no signature again', failedOnce, { error: noUrl, signature: null }, investigate(false, false)],
  [
    'no response, nothing found: backs off',
    initialRetryState,
    { error: lost, isInvestigated: true },
    resend(100),
    { failures: 1 },
  ],
  ['… and fails after the last attempt', failedTwice, { error: lost, isInvestigated: true }, fail(lost)],
  ['stalled, nothing found', failedOnce, { error: stalled, isInvestigated: true }, resend(200), { failures: 2 }],

  [
    'a skewed clock: corrects it',
    initialRetryState,
    { error: skewed },
    { action: 'correct-clock' },
    { isClockChecked: true, failures: 0 },
  ],
  [
    '… without using up an attempt, even after the last one',
    failedTwice,
    { error: skewed },
    { action: 'correct-clock' },
    { failures: 2 },
  ],
  [
    '… after a masked refusal was looked for, too',
    maskChecked,
    { error: skewed },
    { action: 'correct-clock' },
    { isClockChecked: true, failures: 1 },
  ],
  [
    'an expired URL: not a skewed clock',
    initialRetryState,
    { error: skewed, signature: 'expiring' },
    { action: 'sign-again' },
  ],
  [
    'an expired URL, reported as AccessDenied',
    initialRetryState,
    { error: denied, signature: 'expiring' },
    { action: 'sign-again' },
    { credentialsError: denied },
  ],
  ['a URL that is refused again', renewed, { error: denied, signature: 'expiring' }, fail(denied)],

  [
    'an expired token: renews the credentials',
    initialRetryState,
    { error: expired },
    renew(true),
    { credentialsError: expired, failures: 0 },
  ],
  ['a wrong signature: renews the credentials', initialRetryState, { error: wrongSignature }, renew(true)],
  ['an unknown access key: renews the credentials', initialRetryState, { error: unknownKey }, renew(true)],
  ['401 without a code: renews the credentials', initialRetryState, { error: unauthorized }, renew(true)],
  ['a denied part: maybe the credentials', initialRetryState, { error: denied }, renew(false)],
  ['a refused HEAD without a code: maybe the credentials', initialRetryState, { error: headRefused }, renew(false)],
  ['a denied list: a policy', initialRetryState, { error: listDenied }, fail(listDenied)],
  ['new credentials are refused too', renewed, { error: expired }, fail(expired)],
  [
    '… and the first refusal is remembered',
    renewed,
    { error: wrongSignature },
    fail(wrongSignature),
    { credentialsError: expired },
  ],
  [
    'no new credentials: fails with the error that required them',
    { ...renewed, failures: 2 },
    { error: noCredentials, signature: null, isInvestigated: true },
    fail(expired),
  ],
  [
    'no credentials at all',
    failedTwice,
    { error: noCredentials, signature: null, isInvestigated: true },
    fail(noCredentials),
  ],
  [
    'credentials that were refused before anything was signed',
    initialRetryState,
    { error: expired, signature: null },
    fail(expired),
  ],
];

describe('decide', () => {
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, state, failure, decision, newState = {}]) => {
    const before = JSON.stringify(state);
    const decided = decide(state, { signature: 'headers', isInvestigated: false, ...failure }, retry);
    expect(decided.decision).toEqual(decision);
    expect(decided.state).toMatchObject(newState);
    expect(JSON.stringify(state)).toBe(before);
  });

  it('a corrected clock that is refused again: fails', () => {
    const failure = { error: skewed, signature: 'headers', isInvestigated: false } as const;
    const { decision } = decide(clockChecked, failure, retry);
    expect(decision).toMatchObject({ action: 'fail', error: { name: 'SigningError', code: 'clock-skew' } });
  });
});
