import { on, type FaultBuilder, type FaultMatch, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';

/** One kind of fault of one request. */
export interface Kind {
  readonly name: string;
  readonly build: (match: FaultMatch, operation?: ObsOperation | 'any') => readonly FaultRule[];
  /** Whether one such fault may end the upload; if not, the upload survives it, alone or with another such fault. */
  readonly isFinalFor: (operation: ObsOperation) => boolean;
  /** By design, an upload survives one of these per request or upload, but not a second one. */
  readonly once: 'credentials' | 'clock' | 'upload' | null;
  /** Whether the fault can occur in such a request at all. */
  readonly concerns: (operation: ObsOperation) => boolean;
}

const never = (): boolean => false;
const always = (): boolean => true;

function kind(
  name: string,
  build: (builder: FaultBuilder) => FaultRule | readonly FaultRule[],
  { isFinalFor = never, once = null, concerns = always }: Partial<Pick<Kind, 'isFinalFor' | 'once' | 'concerns'>> = {},
): Kind {
  return {
    name,
    build: (match, operation = 'any') => [build(on(operation, match))].flat(),
    isFinalFor,
    once,
    concerns,
  };
}

function responds(
  status: number,
  code: string | null,
  more: Partial<Pick<Kind, 'isFinalFor' | 'once' | 'concerns'>> = {},
  takesEffect = false,
): Kind {
  const name = `${status} ${code ?? 'without a code'}${takesEffect ? ', done all the same' : ''}`;
  return kind(name, (builder) => builder.respond(status, code, { takesEffect }), more);
}

const isFinal = { isFinalFor: always };
/** A response to HEAD has no body and thus no code: its status alone makes it final. */
const isUnreadable = { isFinalFor: (operation: ObsOperation): boolean => operation === 'headObject' };

/** Every fault of the fake, and a status and code of every class. */
export const kinds: readonly Kind[] = [
  responds(429, 'TooManyRequests'),
  responds(500, 'InternalError'),
  responds(500, 'InternalError', {}, true),
  responds(502, null),
  responds(503, 'ServiceUnavailable'),
  responds(503, 'SlowDown'),
  responds(503, 'SlowDown', {}, true),
  responds(504, null, {}, true),
  responds(520, null),
  responds(524, null, {}, true),
  responds(408, 'RequestTimeout'),
  responds(400, 'RequestTimeout', isUnreadable),
  responds(409, 'OperationAborted', isUnreadable),
  responds(400, 'BadDigest', isFinal),
  responds(403, 'InvalidAccessKeyId', { once: 'credentials' }),
  responds(400, 'ExpiredToken', { once: 'credentials', ...isUnreadable }),
  responds(403, 'SignatureDoesNotMatch', { once: 'credentials' }),
  responds(403, 'RequestTimeTooSkewed', { once: 'clock' }),
  responds(403, 'AccessDenied', isFinal),
  responds(400, 'InvalidArgument', isFinal),
  responds(404, null, isFinal),
  responds(404, 'NoSuchKey', isFinal),
  responds(404, 'NoSuchUpload', isFinal),
  responds(405, 'MethodNotAllowed', isFinal),
  responds(409, 'ObjectAlreadyExists', isFinal),
  responds(412, 'PreconditionFailed', isFinal),
  responds(301, 'PermanentRedirect', isFinal),
  responds(307, 'TemporaryRedirect', isFinal),
  responds(400, 'InvalidPart', isFinal),
  // A PUT that the service itself confirms, with its request id, cannot be distinguished from one that was stored.
  responds(200, null, { ...isFinal, concerns: (operation) => operation !== 'putObject' }),
  kind(
    'an empty 200 of another box',
    (builder) => [
      builder.hideHeaders(
        'etag',
        'date',
        'server',
        ...['obs', 'amz'].flatMap((p) => [`x-${p}-request-id`, `x-${p}-id-2`]),
      ),
      builder.respond(200),
    ],
    isFinal,
  ),
  responds(204, null, isFinal, true),
  kind('200 with an error', (builder) => builder.errorIn200(), isFinal),
  kind(
    '200 with an error, done all the same',
    (builder) => builder.errorIn200('InternalError', { takesEffect: true }),
    isFinal,
  ),
  kind('a captive portal', (builder) => builder.htmlPage(), isFinal),
  kind('sent to another host', (builder) => builder.redirect(307, 'https://elsewhere.test/'), isFinal),
  kind('sent to another region', (builder) => builder.redirect(301), isFinal),
  kind('answered by a cache', (builder) => builder.cached({ etag: '"old"', 'content-length': '50' }), {
    concerns: (operation) => operation === 'headObject',
  }),
  kind('forwarded slowly', (builder) => builder.slowProxy({ bytesPerSecond: 5 })),
  kind('the response is lost', (builder) => builder.loseResponse()),
  kind('the response is cut', (builder) => builder.truncateResponse()),
  kind('the response never ends', (builder) => builder.endlessResponse(), isFinal),
  kind('reset at once', (builder) => builder.reset()),
  kind('reset in the body', (builder) => builder.reset({ afterBytes: 7 })),
  kind('silence before the body', (builder) => builder.stall('before-body')),
  kind('silence in the body', (builder) => builder.stall('mid-body')),
  kind('silence after the body', (builder) => builder.stall('before-response')),
  kind('silence after it was done', (builder) => builder.stall('after-effect')),
  kind('silence in the response', (builder) => builder.stall('mid-response')),
  kind('sent twice by the browser', (builder) => builder.resend()),
  kind('late', (builder) => builder.delay(20_000)),
  kind('begun with spaces', (builder) => builder.drip(20_000)),
  kind('slow', (builder) => builder.slow({ bytesPerSecond: 2 })),
  kind('hidden ETag', (builder) => builder.hideHeaders('etag')),
  kind('all headers hidden', (builder) => builder.hideHeaders('etag', 'x-obs-request-id', 'x-obs-uploadid', 'date')),
  kind('empty ETag', (builder) => builder.emptyEtag()),
  kind('the upload vanishes', (builder) => builder.dropUpload(), { once: 'upload' }),
  kind('part 1 vanishes before', (builder) =>
    builder.act((control, { uploadId }) => control.deletePart(uploadId ?? '', 1)),
  ),
  kind('part 1 vanishes after', (builder) =>
    builder.act((control, { uploadId }) => control.deletePart(uploadId ?? '', 1), 'after'),
  ),
];
