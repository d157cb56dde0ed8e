import { Refusal } from '../refusal.js';
import type { ResolvedPolicy } from './resolve-policy.js';
import type { SigningUser } from './signing-policy.js';
import { callOf, type SignableCall } from './call.js';
import { requireHarmlessHeaders, withContentType } from './headers.js';
import { requireSize } from './size.js';
import { targetOf } from './target.js';

/** A request as the page sent it: not trusted yet. */
interface RequestedSignature {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** bytes of the body; null without a body */
  readonly size: number | null;
}

/** A request that has passed every rule that needs no request to the store. */
export interface Permitted extends SignableCall {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Checks what will be signed: method, URL and headers. The other fields of the request (`operation`, `key`, `uploadId`)
 * are not trusted, so they are ignored.
 * @throws Refusal
 */
export function permit(requested: unknown, user: SigningUser, policy: ResolvedPolicy): Permitted {
  const { method, url, headers: sent, size } = requireRequest(requested);
  const { bucket, key, query } = targetOf(url, user, policy);
  const call = callOf(method, query);
  const headers = withContentType(sent, call.name);
  requireHarmlessHeaders(headers, call.name, policy);
  requireSize(size, call.name, policy);
  return { ...call, bucket, key, headers };
}

function requireRequest(requested: unknown): RequestedSignature {
  const { method, url, headers, size } = (requested ?? {}) as Readonly<Record<string, unknown>>;
  const isRequest =
    typeof method === 'string' &&
    typeof url === 'string' &&
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((value) => typeof value === 'string');
  if (!isRequest) throw new Refusal('Each request must have method, url, headers and size.', 400);
  return {
    method,
    url,
    headers: headers as Readonly<Record<string, string>>,
    size: typeof size === 'number' ? size : null,
  };
}
