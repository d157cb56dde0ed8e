import type { FakeCredentials, ObsConfig } from '../state/config.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, type HeaderPrefix, type ObsRequest } from '../request/request.js';
import type { Authorizer } from './authorizer.js';
import { obsHeaderSignature, v2HeaderSignature } from './header-signature.js';
import { obsQuerySignature, v2QuerySignature } from './query-signature.js';
import { v4HeaderSignature, v4QuerySignature } from './v4-signature.js';

const authorizers: readonly Authorizer[] = [
  obsHeaderSignature,
  v2HeaderSignature,
  v4HeaderSignature,
  obsQuerySignature,
  v2QuerySignature,
  v4QuerySignature,
];

/** Operations that anybody may try: whether they may is up to the object's ACL, and the version is no secret. */
const perhapsPublic = new Set(['getObject', 'headObject', 'headApiVersion']);

/** The dialect of the response: S3's where the request is signed as S3 does, else OBS's own. */
export function dialectOf(request: ObsRequest): HeaderPrefix {
  return authorizersOf(request)[0]?.prefix ?? 'x-obs-';
}

/** Whether a request carries a signature, right or wrong. */
export function isSigned(request: ObsRequest): boolean {
  return authorizersOf(request).length > 0;
}

/**
 * A request without the headers of the other dialect. No signature covers those, so to obey them would let anyone who
 * holds a signed URL add an ACL, a copy source or a callback to it.
 */
export function inDialect(request: ObsRequest, prefix: HeaderPrefix): ObsRequest {
  const foreign: HeaderPrefix = prefix === 'x-obs-' ? 'x-amz-' : 'x-obs-';
  const own = Object.entries(request.headers).filter(([name]) => !name.startsWith(foreign));
  return { ...request, headers: Object.fromEntries(own) };
}

/**
 * The credentials that signed a request; null for an unsigned one that anybody may try.
 * @throws {@link Refusal} InvalidArgument, AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, or what is
 * wrong with the token
 */
export function authorize(request: ObsRequest, config: ObsConfig): FakeCredentials | null {
  const [authorizer, ...others] = authorizersOf(request);
  if (others.length > 0) throw new Refusal('InvalidArgument', 'Only one way of signing is allowed in a request.');
  if (authorizer !== undefined) return authorizer.authorize(request, config);
  if (headerOf(request, 'authorization') !== null) {
    throw new Refusal('InvalidArgument', 'The Authorization header is of no known scheme.');
  }
  if (perhapsPublic.has(request.operation ?? '')) return null;
  throw new Refusal('AccessDenied');
}

function authorizersOf(request: ObsRequest): readonly Authorizer[] {
  return authorizers.filter((authorizer) => authorizer.recognises(request));
}
