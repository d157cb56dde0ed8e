import { toBase64 } from '../../bytes.js';
import { hmacSha1 } from '../../ports/hash/hmac-sha1.js';
import { Refusal } from '../response/refusal.js';
import { type HeaderPrefix, parameterOf } from '../request/request.js';
import type { Authorizer } from './authorizer.js';
import { stringToSign } from './canonical.js';
import { findCredentials } from './credentials.js';

/** A presigned URL: access key, `Expires` (unix seconds) and `Signature` stand in the query. */
function querySignature(keyParameter: string, prefix: HeaderPrefix): Authorizer {
  return {
    prefix,
    recognises: (request) => parameterOf(request, keyParameter) !== null,
    authorize(request, config) {
      const expires = parameterOf(request, 'Expires');
      const signature = parameterOf(request, 'Signature');
      if (signature === null || expires === null || !/^\d{1,12}$/.test(expires)) {
        throw new Refusal('AccessDenied', 'A signature in the query needs Signature and Expires.');
      }
      const accessKeyId = parameterOf(request, keyParameter) ?? '';
      const token = parameterOf(request, `${prefix}security-token`);
      const credentials = findCredentials(accessKeyId, token, prefix, config);
      if (Number(expires) * 1000 < config.now()) throw expired(prefix);
      const text = stringToSign(request, prefix, expires);
      const expected = toBase64(hmacSha1(credentials.secretAccessKey)(text));
      if (signature !== expected) throw new Refusal('SignatureDoesNotMatch', undefined, { StringToSign: text });
      return credentials;
    },
  };
}

function expired(prefix: HeaderPrefix): Refusal {
  return prefix === 'x-amz-'
    ? new Refusal('AccessDenied', 'Request has expired')
    : new Refusal('RequestTimeTooSkewed', 'Request has expired.');
}

export const obsQuerySignature: Authorizer = querySignature('AccessKeyId', 'x-obs-');
export const v2QuerySignature: Authorizer = querySignature('AWSAccessKeyId', 'x-amz-');
