import { urlOf } from '../../protocol/request/endpoint.js';
import { Refusal } from '../refusal.js';
import type { ResolvedPolicy } from './resolve-policy.js';
import type { SigningUser } from './signing-policy.js';

/** The target of a URL, decoded once: the only form that is compared, and the one that is signed. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
  /** Without the question mark, not decoded. */
  readonly query: string;
}

/** @throws Refusal unless the policy gives the user a folder */
export function prefixFor(user: SigningUser, policy: Pick<ResolvedPolicy, 'keyPrefix'>): string {
  const prefix: unknown = policy.keyPrefix(user);
  if (typeof prefix !== 'string' || !/^[^/].*\/$/s.test(prefix)) throw new Refusal('The user has no folder.');
  return prefix;
}

/**
 * Reads a URL as text: a parser would resolve dot segments and replace backslashes before they could be checked.
 * @throws Refusal unless it is that of a bucket of the policy at the store, and of a key under the user's prefix
 */
export function targetOf(url: string, user: SigningUser, policy: ResolvedPolicy): Target {
  const baseOf = (bucket: string): string => urlOf(policy.endpoint, { bucket, key: null }, []);
  const bucket = policy.buckets.find((name) => url.startsWith(baseOf(name)));
  if (bucket === undefined) throw new Refusal('The URL is not that of an allowed bucket.');
  const [path = '', query = '', ...more] = url.slice(baseOf(bucket).length).split('?');
  if (more.length > 0 || url.includes('#')) throw new Refusal('The URL is invalid.', 400);
  return { bucket, key: requireOwn(decode(path), prefixFor(user, policy)), query };
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('The URL is invalid.', 400);
  }
}

function requireOwn(key: string, prefix: string): string {
  if (!key.startsWith(prefix) || key === prefix) throw new Refusal(`The key is not under ${prefix}.`);
  // Encoded twice too: something between here and the store may decode once too often.
  if (key.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    throw new Refusal('The key has dot segments.');
  if (/[\u0000-\u001f\u007f\\]|%(?:2f|5c|00)/i.test(key))
    throw new Refusal('The key has characters that may be misinterpreted.');
  return key;
}
