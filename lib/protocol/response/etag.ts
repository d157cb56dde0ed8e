import { fromHex, toHex } from '../../bytes.js';
import { createMd5 } from '../../ports/hash/md5.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { headerOf } from './response-headers.js';

export { bareEtag, sameEtag } from '../../model/etag.js';

/** Whether an ETag can be the MD5 of the content (under SSE-KMS and SSE-C it looks alike but is not). */
export function isMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/i.test(etag);
}

/**
 * The ETag of a multipart object in OBS and S3: hex(MD5(concatenation of the parts' binary MD5s))-N. Null if a part's
 * ETag is not an MD5.
 * @param parts - all parts of the object, in any order
 */
export function compositeEtag(parts: readonly UploadedPart[]): string | null {
  const md5 = createMd5();
  for (const { etag } of [...parts].sort((a, b) => a.partNumber - b.partNumber)) {
    if (!isMd5(etag)) return null;
    md5.update(fromHex(etag));
  }
  return `${toHex(md5.digest())}-${parts.length}`;
}

/** Whether a response says that the object is encrypted by a key of SSE-KMS or SSE-C: its ETag is then not an MD5. */
export function hasOpaqueEtag(response: TransportResponse): boolean {
  return ['x-obs-', 'x-amz-'].some((prefix) => {
    const managed = headerOf(response, `${prefix}server-side-encryption`);
    const customer = headerOf(response, `${prefix}server-side-encryption-customer-algorithm`);
    return customer !== null || /kms/i.test(managed ?? '');
  });
}
