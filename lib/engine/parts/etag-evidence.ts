import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { isMd5, sameEtag } from '../../protocol/response/etag.js';
import { toHex } from '../../ports/hash/bytes.js';

/**
 * What the parts have shown about the service's ETags. `md5`: the ETag of every part whose MD5 is known equals it.
 * `opaque`: at least one does not, as with SSE-KMS and SSE-C, so ETags say nothing about content.
 */
export type EtagEvidence = 'unknown' | 'md5' | 'opaque';

/** A part that the server acknowledged. */
export interface SentPart {
  readonly part: UploadedPart;
  readonly evidence: EtagEvidence;
}

/** @param md5 - of the part with this ETag; null if it was not computed */
export function evidenceOf(etag: string, md5: Uint8Array | null): EtagEvidence {
  if (md5 === null || etag === '') return 'unknown';
  return isMd5(etag) && sameEtag(etag, toHex(md5)) ? 'md5' : 'opaque';
}

/** One opaque ETag is enough: a bucket encrypts all parts of an upload alike. */
export function combine(a: EtagEvidence, b: EtagEvidence): EtagEvidence {
  if (a === 'opaque' || b === 'opaque') return 'opaque';
  return a === 'unknown' ? b : a;
}
