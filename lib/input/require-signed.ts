import { SigningError } from '../errors/signing-error.js';
import type { SignedRequest, UnsignedRequest } from '../signing/signer.js';
import type { Endpoint } from '../protocol/endpoint.js';

/**
 * Nothing is sent to a host that the connection does not name, whatever a signer says.
 * @throws SigningError
 */
export function requireSigned(value: unknown, unsigned: UnsignedRequest, endpoint: Endpoint): SignedRequest {
  const { url, headers, expiresAt } = (value ?? {}) as Partial<Record<keyof SignedRequest, unknown>>;
  if (typeof url !== 'string' || !isOfStore(url, unsigned.url, endpoint)) {
    throw refused('a URL of another host or scheme than the store, or none');
  }
  if (!areHeaders(headers)) throw refused('headers that are none');
  return { url, headers, expiresAt: typeof expiresAt === 'number' && !Number.isNaN(expiresAt) ? expiresAt : null };
}

function isOfStore(signed: string, unsigned: string, { protocol, host }: Endpoint): boolean {
  let url: URL;
  try {
    url = new URL(signed);
  } catch {
    return false;
  }
  const isOurs = url.host === new URL(unsigned).host || url.host === host || url.host.endsWith(`.${host}`);
  return url.protocol === protocol && url.username === '' && url.password === '' && isOurs;
}

function areHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof text === 'string' && /^[\u0020-\u007e]*$/.test(text),
  );
}

function refused(what: string): SigningError {
  return new SigningError('presign', `The signer gave ${what}: nothing was sent. Check the signer.`);
}
