import { toHex, utf8 } from '../../bytes.js';
import { hmacSha256, sha256 } from '../../ports/hash/hmac-sha256.js';
import type { FakeCredentials, ObsConfig } from '../state/config.js';
import { percentEncode } from '../request/percent.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, parameterOf, type ObsRequest } from '../request/request.js';
import type { Authorizer } from './authorizer.js';
import { checkSkew, findCredentials } from './credentials.js';

const algorithm = 'AWS4-HMAC-SHA256';
const maxExpiresSeconds = 604_800;

interface V4Claim {
  readonly accessKeyId: string;
  /** `{yyyymmdd}/{region}/s3/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20240102T030405Z` */
  readonly date: string;
  readonly token: string | null;
  readonly payloadHash: string;
}

/** AWS Signature Version 4 in the Authorization header. */
export const v4HeaderSignature: Authorizer = {
  prefix: 'x-amz-',
  recognises: (request) => headerOf(request, 'authorization')?.startsWith(`${algorithm} `) ?? false,
  authorize(request, config) {
    const pattern =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;
    const [, accessKeyId, scope, signedHeaders, signature] =
      pattern.exec(headerOf(request, 'authorization') ?? '') ?? [];
    if (!accessKeyId || !scope || !signedHeaders || !signature) throw new Refusal('AuthorizationHeaderMalformed');
    const payloadHash = headerOf(request, 'x-amz-content-sha256');
    if (payloadHash === null) throw new Refusal('InvalidRequest', 'x-amz-content-sha256 is missing.');
    const claim: V4Claim = {
      accessKeyId,
      scope,
      signedHeaders: signedHeaders.split(';'),
      signature,
      date: headerOf(request, 'x-amz-date') ?? '',
      token: headerOf(request, 'x-amz-security-token'),
      payloadHash,
    };
    return verify(request, config, claim, (time) => checkSkew(time, config));
  },
};

/** AWS Signature Version 4 of a presigned URL. */
export const v4QuerySignature: Authorizer = {
  prefix: 'x-amz-',
  recognises: (request) => parameterOf(request, 'X-Amz-Signature') !== null,
  authorize(request, config) {
    const [accessKeyId, ...scope] = (parameterOf(request, 'X-Amz-Credential') ?? '').split('/');
    const expires = parameterOf(request, 'X-Amz-Expires') ?? '';
    if (!accessKeyId || parameterOf(request, 'X-Amz-Algorithm') !== algorithm || !/^\d{1,6}$/.test(expires)) {
      throw new Refusal('AuthorizationQueryParametersError');
    }
    const claim: V4Claim = {
      accessKeyId,
      scope: scope.join('/'),
      signedHeaders: (parameterOf(request, 'X-Amz-SignedHeaders') ?? '').split(';'),
      signature: parameterOf(request, 'X-Amz-Signature') ?? '',
      date: parameterOf(request, 'X-Amz-Date') ?? '',
      token: parameterOf(request, 'X-Amz-Security-Token'),
      payloadHash: headerOf(request, 'x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
    };
    if (Number(expires) > maxExpiresSeconds) {
      throw new Refusal('AuthorizationQueryParametersError', 'X-Amz-Expires must be at most a week, in seconds.');
    }
    return verify(request, config, claim, (time) => {
      if (time - config.maxSkewMs > config.now()) throw new Refusal('AccessDenied', 'Request is not valid yet');
      if (time + Number(expires) * 1000 < config.now()) throw new Refusal('AccessDenied', 'Request has expired');
    });
  },
};

function verify(
  request: ObsRequest,
  config: ObsConfig,
  claim: V4Claim,
  checkTime: (time: number) => void,
): FakeCredentials {
  const credentials = findCredentials(claim.accessKeyId, claim.token, 'x-amz-', config);
  const time = Date.parse(claim.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) throw new Refusal('AccessDenied', 'The request must carry a valid x-amz-date.');
  const [day, region = '', service, terminator] = claim.scope.split('/');
  if (day !== claim.date.slice(0, 8) || service !== 's3' || terminator !== 'aws4_request') {
    throw new Refusal('AuthorizationHeaderMalformed');
  }
  checkTime(time);
  checkSignedHeaders(request, claim);
  const text = [algorithm, claim.date, claim.scope, toHex(sha256(utf8(canonicalRequest(request, claim))))].join('\n');
  let key = utf8(`AWS4${credentials.secretAccessKey}`);
  for (const step of [claim.date.slice(0, 8), region, 's3', 'aws4_request']) key = hmacSha256(key, utf8(step));
  if (toHex(hmacSha256(key, utf8(text))) === claim.signature) return credentials;
  throw new Refusal('SignatureDoesNotMatch', undefined, { StringToSign: text });
}

function checkSignedHeaders(request: ObsRequest, { signedHeaders }: V4Claim): void {
  const unsigned = Object.keys(request.headers).some(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  );
  if (unsigned || !signedHeaders.includes('host')) {
    throw new Refusal('AccessDenied', 'There were headers present in the request which were not signed.');
  }
}

function canonicalRequest(request: ObsRequest, claim: V4Claim): string {
  const query = request.query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value ?? '')] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`);
  const headers = claim.signedHeaders.map((name) => {
    const value = name === 'host' ? request.host : (request.headers[name] ?? '');
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`;
  });
  return [
    request.method,
    request.rawPath,
    query.join('&'),
    headers.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
