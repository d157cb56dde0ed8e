import { fromHex, utf8 } from '../ports/hash/bytes.js';
import { md5Hex } from '../ports/hash/md5.js';
import type { ObjectHeaders } from './object-headers.js';

/** The ETag of one body: its MD5, but something else where it is encrypted by SSE-KMS or SSE-C. */
export function etagOf(bodyHash: string, headers: ObjectHeaders): string {
  return isEncryptedByKey(headers) ? md5Hex(utf8(`encrypted ${bodyHash}`)) : bodyHash;
}

/** `hex(MD5(concatenation of the parts' binary ETags))-N`, and something else under SSE-KMS and SSE-C. */
export function compositeEtag(etags: readonly string[], headers?: ObjectHeaders): string {
  const digest = md5Hex(fromHex(etags.join('')));
  const isOpaque = headers !== undefined && isEncryptedByKey(headers);
  return `${isOpaque ? md5Hex(utf8(`encrypted ${digest}`)) : digest}-${etags.length}`;
}

function isEncryptedByKey({ extension }: ObjectHeaders): boolean {
  const managed = extension['server-side-encryption'];
  return (managed !== undefined && managed !== 'AES256') || 'server-side-encryption-customer-algorithm' in extension;
}
