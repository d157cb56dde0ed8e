import { isMd5, sameEtag } from '../../protocol/etag.js';
import { toHex } from '../../ports/hash/bytes.js';

/**
 * What ETags are on this service, as far as the parts have shown. `md5`: those of parts whose MD5 is known are their
 * MD5s. `opaque`: one of them is not, as under SSE-KMS and SSE-C, so that ETags say nothing about content.
 */
export type EtagEvidence = 'unknown' | 'md5' | 'opaque';

/** @param md5 - of the part that got this ETag; null where it was not computed */
export function evidenceOf(etag: string, md5: Uint8Array | null): EtagEvidence {
  if (md5 === null || etag === '') return 'unknown';
  return isMd5(etag) && sameEtag(etag, toHex(md5)) ? 'md5' : 'opaque';
}

/** One opaque ETag is enough: a bucket encrypts all parts of an upload alike. */
export function combine(a: EtagEvidence, b: EtagEvidence): EtagEvidence {
  if (a === 'opaque' || b === 'opaque') return 'opaque';
  return a === 'unknown' ? b : a;
}
