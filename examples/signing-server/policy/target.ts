import { Refusal, type SigningPolicy, type User } from './policy.js';

/** What a URL names, decoded once: the only form in which it is compared, and from which it is signed anew. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
  /** Without the question mark, not decoded. */
  readonly query: string;
}

/** The folder that is the user's alone. */
export function prefixOf({ id }: User): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new Refusal('The user has no folder.');
  return `users/${id}/`;
}

/**
 * Reads a URL as text: a parser would take dot segments out and turn backslashes round before anybody looked at them.
 * @throws Refusal unless it names one of the buckets at the store, and a key under the user's prefix
 */
export function targetOf(url: string, user: User, policy: SigningPolicy): Target {
  const bucket = policy.buckets.find((name) => url.startsWith(baseOf(name, policy)));
  if (bucket === undefined) throw new Refusal('The URL is of no bucket that is signed for.');
  const [path = '', query = '', ...more] = url.slice(baseOf(bucket, policy).length).split('?');
  if (more.length > 0 || url.includes('#')) throw new Refusal('The URL is none.', 400);
  return { bucket, key: requireOwn(decode(path), user), query };
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('The URL is none.', 400);
  }
}

function baseOf(bucket: string, { server, addressing }: SigningPolicy): string {
  const { protocol, host, origin } = new URL(server);
  if (addressing === 'path') return `${origin}/${bucket}/`;
  return addressing === 'cname' ? `${origin}/` : `${protocol}//${bucket}.${host}/`;
}

function requireOwn(key: string, user: User): string {
  const prefix = prefixOf(user);
  if (!key.startsWith(prefix) || key === prefix) throw new Refusal(`The key is not under ${prefix}.`);
  // Encoded once more too: something between here and the store may decode once too often.
  if (key.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    throw new Refusal('The key has dot segments.');
  if (/[\u0000-\u001f\u007f\\]|%(?:2f|5c|00)/i.test(key))
    throw new Refusal('The key has characters that may be misread.');
  return key;
}
