import { toBase64 } from '../../bytes.js';
import { hmacSha1 } from '../../ports/hash/hmac-sha1.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, type HeaderPrefix, type ObsRequest } from '../request/request.js';
import type { Authorizer } from './authorizer.js';
import { stringToSign } from './canonical.js';
import { checkSkew, findCredentials } from './credentials.js';

/** `Authorization: {scheme} {AK}:{base64(HMAC-SHA1)}`: OBS's own signature, and S3's version 2. */
function headerSignature(scheme: 'OBS' | 'AWS', prefix: HeaderPrefix): Authorizer {
  return {
    prefix,
    recognises: (request) => headerOf(request, 'authorization')?.startsWith(`${scheme} `) ?? false,
    authorize(request, config) {
      const [, accessKeyId, signature] = /^\w+ ([^:\s]+):(\S+)$/.exec(headerOf(request, 'authorization') ?? '') ?? [];
      if (accessKeyId === undefined) throw new Refusal('InvalidArgument', 'The Authorization header is malformed.');
      const credentials = findCredentials(accessKeyId, headerOf(request, `${prefix}security-token`), prefix, config);
      checkSkew(requestTime(request, prefix), config);
      const ownDate = headerOf(request, `${prefix}date`) !== null;
      const text = stringToSign(request, prefix, ownDate ? '' : (headerOf(request, 'date') ?? ''));
      const expected = toBase64(hmacSha1(credentials.secretAccessKey)(text));
      if (signature !== expected) throw new Refusal('SignatureDoesNotMatch', undefined, { StringToSign: text });
      return credentials;
    },
  };
}

function requestTime(request: ObsRequest, prefix: HeaderPrefix): number {
  const text = headerOf(request, `${prefix}date`) ?? headerOf(request, 'date');
  const time = text === null ? Number.NaN : Date.parse(text);
  if (Number.isNaN(time)) throw new Refusal('AccessDenied', 'The request must carry a valid date.');
  return time;
}

export const obsHeaderSignature: Authorizer = headerSignature('OBS', 'x-obs-');
export const v2HeaderSignature: Authorizer = headerSignature('AWS', 'x-amz-');
