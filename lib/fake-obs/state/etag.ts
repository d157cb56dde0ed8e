import { fromHex, utf8 } from '../../bytes.js';
import { md5Hex } from '../../ports/hash/md5.js';
import type { ObsConfig } from './config.js';
import type { ObjectHeaders } from '../request/object-headers.js';

type EtagConfig = Pick<ObsConfig, 'etagCase'>;

/** The ETag of one body: its MD5, but something else where it is encrypted by SSE-KMS or SSE-C. */
export function etagOf(bodyHash: string, headers: ObjectHeaders, config: EtagConfig): string {
  return cased(isEncryptedByKey(headers) ? md5Hex(utf8(`encrypted ${bodyHash}`)) : bodyHash, config);
}

/** `hex(MD5(concatenation of the parts' binary ETags))-N`, and something else under SSE-KMS and SSE-C. */
export function compositeEtag(etags: readonly string[], headers?: ObjectHeaders, config?: EtagConfig): string {
  const digest = md5Hex(fromHex(etags.join('')));
  const isOpaque = headers !== undefined && isEncryptedByKey(headers);
  return cased(`${isOpaque ? md5Hex(utf8(`encrypted ${digest}`)) : digest}-${etags.length}`, config);
}

function cased(etag: string, config: EtagConfig | undefined): string {
  return config?.etagCase === 'upper' ? etag.toUpperCase() : etag;
}

function isEncryptedByKey({ extension }: ObjectHeaders): boolean {
  const managed = extension['server-side-encryption'];
  return (managed !== undefined && managed !== 'AES256') || 'server-side-encryption-customer-algorithm' in extension;
}
