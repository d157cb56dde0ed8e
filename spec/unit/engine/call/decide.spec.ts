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
  more: { readonly operation?: Operation; readonly retryable?: boolean; readonly retryAfterMs?: number } = {},
): ServiceError {
  const details = { operation: 'uploadPart', requestId: null, status, serviceCode, ...more } as const;
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
  what: string,
  state: RetryState,
  failure: Pick<Failure, 'error'> & Partial<Failure>,
  decision: Decision,
  learned?: Partial<RetryState>,
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
  ['Retry-After: a floor of the wait', initialRetryState, { error: wait2s }, resend(2100), { failures: 1 }],
  ['Retry-After of more than five minutes: a refusal', initialRetryState, { error: wait6min }, fail(wait6min)],
  ['a final refusal', initialRetryState, { error: noBucket }, fail(noBucket)],
  ['an unreadable source', initialRetryState, { error: unreadable }, fail(unreadable)],

  ['no response: looks at the source', initialRetryState, { error: lost }, investigate(true, false), { failures: 0 }],
  [
    'no response again: looks for a masked refusal',
    failedOnce,
    { error: lost },
    investigate(true, true),
    { isClockChecked: true },
  ],
  ['… once', clockChecked, { error: lost }, investigate(true, false)],
  ['silence: looks at the source', initialRetryState, { error: stalled }, investigate(true, false)],
  ['silence again: is no masked refusal', failedOnce, { error: stalled }, investigate(true, false)],
  [
    'nothing signed: the source cannot be the cause',
    initialRetryState,
    { error: noCredentials, signature: null },
    investigate(false, false),
  ],
  ['nothing signed again', failedOnce, { error: noUrl, signature: null }, investigate(false, false)],
  [
    'no response, nothing found: backs off',
    initialRetryState,
    { error: lost, isInvestigated: true },
    resend(100),
    { failures: 1 },
  ],
  ['… and gives up after the last attempt', failedTwice, { error: lost, isInvestigated: true }, fail(lost)],
  ['silence, nothing found', failedOnce, { error: stalled, isInvestigated: true }, resend(200), { failures: 2 }],

  [
    'a refused clock: corrects it',
    initialRetryState,
    { error: skewed },
    { action: 'correct-clock' },
    { isClockChecked: true, failures: 0 },
  ],
  [
    '… that costs no attempt, even the last',
    failedTwice,
    { error: skewed },
    { action: 'correct-clock' },
    { failures: 2 },
  ],
  [
    'an expired URL is no refused clock',
    initialRetryState,
    { error: skewed, signature: 'expiring' },
    { action: 'sign-again' },
  ],
  [
    'an expired URL, by AccessDenied',
    initialRetryState,
    { error: denied, signature: 'expiring' },
    { action: 'sign-again' },
    { credentialsError: denied },
  ],
  ['a URL that is refused again', renewed, { error: denied, signature: 'expiring' }, fail(denied)],

  [
    'an expired token: other credentials',
    initialRetryState,
    { error: expired },
    renew(true),
    { credentialsError: expired, failures: 0 },
  ],
  ['a wrong signature: other credentials', initialRetryState, { error: wrongSignature }, renew(true)],
  ['an unknown access key: other credentials', initialRetryState, { error: unknownKey }, renew(true)],
  ['401 without a code: other credentials', initialRetryState, { error: unauthorized }, renew(true)],
  ['a part that is denied: maybe the credentials', initialRetryState, { error: denied }, renew(false)],
  ['HEAD without a word: maybe the credentials', initialRetryState, { error: headRefused }, renew(false)],
  ['a list that is denied: a policy', initialRetryState, { error: listDenied }, fail(listDenied)],
  ['other credentials are refused too', renewed, { error: expired }, fail(expired)],
  [
    '… and remember the first refusal',
    renewed,
    { error: wrongSignature },
    fail(wrongSignature),
    { credentialsError: expired },
  ],
  [
    'no other credentials: names why they were needed',
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
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, state, failure, decision, learned = {}]) => {
    const before = JSON.stringify(state);
    const decided = decide(state, { signature: 'headers', isInvestigated: false, ...failure }, retry);
    expect(decided.decision).toEqual(decision);
    expect(decided.state).toMatchObject(learned);
    expect(JSON.stringify(state)).toBe(before);
  });

  it('a clock that is refused again: no source for the right time', () => {
    const failure = { error: skewed, signature: 'headers', isInvestigated: false } as const;
    const { decision } = decide(clockChecked, failure, retry);
    expect(decision).toMatchObject({ action: 'fail', error: { name: 'SigningError', code: 'clock-skew' } });
  });
});
