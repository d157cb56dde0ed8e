import { on, type FaultBuilder, type FaultMatch, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';

/** One thing that can go wrong with one request. */
export interface Kind {
  readonly name: string;
  readonly build: (match: FaultMatch, operation?: ObsOperation | 'any') => readonly FaultRule[];
  /** Whether one of these may end the upload; what may not is survived, be it alone or with another such. */
  readonly isFinalFor: (operation: ObsOperation) => boolean;
  /** Of these one a request or upload is survived, by design, and no second one. */
  readonly once: 'credentials' | 'clock' | 'upload' | null;
  /** Whether such a request can meet it at all. */
  readonly concerns: (operation: ObsOperation) => boolean;
}

const never = (): boolean => false;
const always = (): boolean => true;

function kind(
  name: string,
  build: (picked: FaultBuilder) => FaultRule | readonly FaultRule[],
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
  return kind(name, (picked) => picked.respond(status, code, { takesEffect }), more);
}

const isFinal = { isFinalFor: always };
/** HEAD has no body, so no code: the status alone says that it is final. */
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
  // A PUT that the service itself calls done, with its request id, is done as far as anybody can tell.
  responds(200, null, { ...isFinal, concerns: (operation) => operation !== 'putObject' }),
  kind(
    'an empty 200 of another box',
    (picked) => [picked.hideHeaders('etag', 'date', 'server', 'x-obs-request-id', 'x-obs-id-2'), picked.respond(200)],
    isFinal,
  ),
  responds(204, null, isFinal, true),
  kind('200 with an error', (picked) => picked.errorIn200(), isFinal),
  kind(
    '200 with an error, done all the same',
    (picked) => picked.errorIn200('InternalError', { takesEffect: true }),
    isFinal,
  ),
  kind('a captive portal', (picked) => picked.htmlPage(), isFinal),
  kind('sent to another host', (picked) => picked.redirect(307, 'https://elsewhere.test/'), isFinal),
  kind('sent to another region', (picked) => picked.redirect(301), isFinal),
  kind('answered by a cache', (picked) => picked.cached({ etag: '"old"', 'content-length': '50' }), {
    concerns: (operation) => operation === 'headObject',
  }),
  kind('forwarded slowly', (picked) => picked.slowProxy({ bytesPerSecond: 5 })),
  kind('the response is lost', (picked) => picked.loseResponse()),
  kind('the response is cut', (picked) => picked.truncateResponse()),
  kind('the response never ends', (picked) => picked.endlessResponse(), isFinal),
  kind('reset at once', (picked) => picked.reset()),
  kind('reset in the body', (picked) => picked.reset({ afterBytes: 7 })),
  kind('silence before the body', (picked) => picked.stall('before-body')),
  kind('silence in the body', (picked) => picked.stall('mid-body')),
  kind('silence after the body', (picked) => picked.stall('before-response')),
  kind('silence after it was done', (picked) => picked.stall('after-effect')),
  kind('silence in the response', (picked) => picked.stall('mid-response')),
  kind('sent twice by the browser', (picked) => picked.resend()),
  kind('late', (picked) => picked.delay(20_000)),
  kind('begun with spaces', (picked) => picked.drip(20_000)),
  kind('slow', (picked) => picked.slow({ bytesPerSecond: 2 })),
  kind('hidden ETag', (picked) => picked.hideHeaders('etag')),
  kind('all headers hidden', (picked) => picked.hideHeaders('etag', 'x-obs-request-id', 'x-obs-uploadid', 'date')),
  kind('empty ETag', (picked) => picked.emptyEtag()),
  kind('the upload vanishes', (picked) => picked.dropUpload(), { once: 'upload' }),
  kind('part 1 vanishes before', (picked) =>
    picked.act((control, { uploadId }) => control.deletePart(uploadId ?? '', 1)),
  ),
  kind('part 1 vanishes after', (picked) =>
    picked.act((control, { uploadId }) => control.deletePart(uploadId ?? '', 1), 'after'),
  ),
];
