import { toBase64 } from '../../bytes.js';
import { createMd5 } from '../../ports/hash/md5.js';
import type { ObjectHeaders } from '../request/object-headers.js';
import { Refusal } from '../response/refusal.js';
import { extensionOf, type RequestHead } from '../request/request.js';

const name = 'server-side-encryption-customer';

/**
 * Checks the three headers of SSE-C against each other.
 * @returns the Base64 MD5 of the key; null where the request has none
 * @throws {@link Refusal} InvalidArgument
 */
export function readCustomerKey(request: RequestHead): string | null {
  const algorithm = extensionOf(request, `${name}-algorithm`);
  const key = extensionOf(request, `${name}-key`);
  const md5 = extensionOf(request, `${name}-key-md5`);
  if (algorithm === null && key === null && md5 === null) return null;
  if (algorithm !== 'AES256') throw new Refusal('InvalidArgument', 'The algorithm of SSE-C must be AES256.');
  if (key === null || !/^[A-Za-z0-9+/]{43}=$/.test(key)) {
    throw new Refusal('InvalidArgument', 'The key of SSE-C must be the Base64 of 32 bytes.');
  }
  const bytes = Uint8Array.from(atob(key), (char) => char.charCodeAt(0));
  if (toBase64(createMd5().update(bytes).digest()) !== md5) {
    throw new Refusal('InvalidArgument', 'The MD5 of the SSE-C key does not match the key.');
  }
  return md5;
}

/**
 * What was started with a customer's key continues with that key, and without one where it was begun without.
 * @throws {@link Refusal} InvalidRequest without the key, AccessDenied with another one
 */
export function checkCustomerKey(request: RequestHead, headers: ObjectHeaders): void {
  const given = readCustomerKey(request);
  const expected = headers.extension[`${name}-key-md5`] ?? null;
  if (given === expected) return;
  if (given === null) throw new Refusal('InvalidRequest', 'The object is encrypted by a key that must be sent along.');
  if (expected === null) throw new Refusal('InvalidRequest', 'The object is not encrypted by a customer key.');
  throw new Refusal('AccessDenied', 'The object is encrypted by another key.');
}
