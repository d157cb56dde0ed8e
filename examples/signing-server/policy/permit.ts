import { callOf, type SignableCall } from './call.js';
import { requireHarmlessHeaders, withContentType } from './headers.js';
import { Refusal, type AskedRequest, type SigningPolicy, type User } from './policy.js';
import { requireSize } from './size.js';
import { targetOf } from './target.js';

/** A request of which all that can be judged by itself is in order. */
export interface Permitted extends SignableCall {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Judges a request by what will be signed: its method, URL and headers. What it says of itself beside (`operation`,
 * `key`, `uploadId`) is not looked at.
 * @throws Refusal
 */
export function permit(asked: unknown, user: User, policy: SigningPolicy): Permitted {
  const { method, url, headers: sent, size } = requireRequest(asked);
  const { bucket, key, query } = targetOf(url, user, policy);
  const call = callOf(method, query);
  const headers = withContentType(sent, call.name);
  requireHarmlessHeaders(headers, call.name, policy);
  requireSize(size, call.name, policy);
  return { ...call, bucket, key, headers };
}

function requireRequest(asked: unknown): AskedRequest {
  const { method, url, headers, size } = (asked ?? {}) as Readonly<Record<string, unknown>>;
  const isRequest =
    typeof method === 'string' &&
    typeof url === 'string' &&
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((value) => typeof value === 'string');
  if (!isRequest) throw new Refusal('A request has method, url, headers and size.', 400);
  return {
    method,
    url,
    headers: headers as Readonly<Record<string, string>>,
    size: typeof size === 'number' ? size : null,
  };
}
