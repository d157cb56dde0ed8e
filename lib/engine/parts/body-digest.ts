import { map, of, type Observable } from 'rxjs';
import type { Checksum } from '../../model/checksum.js';
import { IntegrityError } from '../../model/errors/errors.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { checksumOf, confirms } from '../../protocol/request/checksum.js';
import type { Hashing, Upload } from '../upload.js';
import { digest$ } from './read-source.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { isMd5, sameEtag } from '../../protocol/response/etag.js';
import { toHex } from '../../bytes.js';

/** What is sent with a body for the service to check: one of the two, or neither. */
export interface BodyDigest {
  /** 16 bytes */
  readonly contentMd5: Uint8Array | null;
  readonly checksum: Checksum | null;
}

export const noDigest: BodyDigest = { contentMd5: null, checksum: null };

/** By the option `checksum`. */
export function bodyDigest$(upload: Hashing & Pick<Upload, 'checksum'>, body: RequestBody): Observable<BodyDigest> {
  const algorithm = upload.checksum;
  if (algorithm === 'none') return of(noDigest);
  return digest$(upload, algorithm, body).pipe(
    map((digest) =>
      algorithm === 'md5'
        ? { contentMd5: digest, checksum: null }
        : { contentMd5: null, checksum: checksumOf(algorithm, digest) },
    ),
  );
}

/** @throws IntegrityError, worth another attempt, if the service received other bytes than were sent */
export function requireReceived(shown: readonly Checksum[], sent: Checksum | null): void {
  if (confirms(shown, sent) !== false) return;
  throw new IntegrityError(
    "The service's checksum is not the one of the bytes that were sent. Upload the file again.",
    {
      retryable: true,
    },
  );
}

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
