import { catchError, of, throwError, type Observable } from 'rxjs';
import type { Checksum } from '../../model/checksum.js';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { IntegrityError, ServiceError } from '../../model/errors/errors.js';
import type { UploadResult } from '../../model/upload/event.js';
import type { Operation } from '../../model/operation.js';
import { confirms } from '../../protocol/request/checksum.js';
import { compositeEtag, sameEtag } from '../../protocol/response/etag.js';
import type { HeadObjectResult } from '../../protocol/operations/head-object.js';
import type { EtagEvidence } from '../parts/body-digest.js';
import { objectSize } from '../parts/read-source.js';
import { concatResult, result, type Activity, type Step } from '../step.js';
import type { SizedUpload } from '../upload.js';
import type { Completion } from './complete.js';
import { completed$, type ObjectFacts } from './completed.js';
import { expectedChecksum, head$ } from './head-object.js';

/** What the object must have if it is what was sent; null where that is not known. */
export interface Expected {
  readonly etag: string | null;
  /** Of the entire object. */
  readonly checksum: Checksum | null;
}

/**
 * Emits the result, with how it was verified. Once the service has confirmed the upload, a different object under the
 * key is no reason to fail: another client may have overwritten it since.
 * @param evidence - what the parts have shown about the service's ETags
 */
export function verify$(
  upload: SizedUpload,
  { uploadId, parts }: UploadCheckpoint,
  { response, found }: Completion,
  evidence: EtagEvidence,
): Observable<Activity> {
  const expected: Expected = { etag: compositeEtag(parts), checksum: expectedChecksum(upload.checksum, parts) };
  if (response === undefined) {
    if (confirms(found.checksums, expected.checksum) === false) return throwError(() => otherChecksum('headObject'));
    return completed$(upload, { ...found, verified: verifiedBy(found, expected, objectSize(upload)) });
  }
  const isConfirmed = confirms(response.checksums, expected.checksum);
  if (isConfirmed === true) return completed$(upload, { ...response, verified: 'crc64' });
  if (isConfirmed === false) return throwError(() => otherChecksum('completeMultipartUpload'));
  if (expected.checksum === null && sameEtag(response.etag, expected.etag)) {
    return completed$(upload, { ...response, verified: 'etag' });
  }
  if (upload.checksum === 'md5' && evidence === 'md5' && contradicts(response.etag, expected.etag)) {
    return throwError(() => notWhatWasSent('completeMultipartUpload'));
  }
  return confirm$(upload, { ...response, uploadId }, expected);
}

/** The response to what created the object. */
type Confirmed = Omit<ObjectFacts, 'verified'> & {
  /** Of the multipart upload that created it. */
  readonly uploadId: string | null;
};

/**
 * Verifies with HEAD what the response left open.
 * @param missing - the error if there is no object, where the response alone proves nothing; null: it proves enough
 */
export function confirm$(
  upload: SizedUpload,
  response: Confirmed,
  expected: Expected,
  missing: (() => Error) | null = null,
): Observable<Activity> {
  const found$: Step<HeadObjectResult | null> = head$(upload).pipe(
    catchError((error: unknown) => (missing !== null && isNotFound(error) ? throwError(missing) : of(result(null)))),
  );
  return found$.pipe(
    concatResult((head) => {
      if (head !== null && isSameObject(head, response) && confirms(head.checksums, expected.checksum) === false) {
        return throwError(() => otherChecksum('headObject'));
      }
      const etag = response.etag || (head?.etag ?? '');
      return completed$(upload, {
        ...response,
        etag,
        verified: verifiedAfter(response, head, expected, objectSize(upload)),
      });
    }),
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 404;
}

/** HEAD may show what another client has stored since. */
function isSameObject(head: HeadObjectResult, { uploadId, etag }: Confirmed): boolean {
  return head.uploadId === null ? sameEtag(head.etag, etag) : head.uploadId === uploadId;
}

export function notWhatWasSent(operation: Operation): IntegrityError {
  return new IntegrityError(
    "The object's ETag is not the one of the bytes that were sent: the stored object is not the file. Upload it again.",
    { operation, resumable: false },
  );
}

export function otherChecksum(operation: Operation): IntegrityError {
  return new IntegrityError(
    "The object's checksum is not the one of the bytes that were sent: the stored object is not the file. Upload it again.",
    { operation, resumable: false },
  );
}

/** Both are composite ETags of as many parts, and differ. Stores that compute theirs in another way contradict nothing. */
function contradicts(etag: string, expected: string | null): boolean {
  return expected !== null && /^[0-9a-f]{32}-\d+$/i.test(etag) && etag.split('-')[1] === expected.split('-')[1];
}

function verifiedAfter(
  response: Confirmed,
  head: HeadObjectResult | null,
  expected: Expected,
  size: number,
): UploadResult['verified'] {
  const byHead = head === null ? 'none' : verifiedBy(head, expected, size);
  return byHead !== 'crc64' && sameEtag(response.etag, expected.etag) ? 'etag' : byHead;
}

function verifiedBy(head: HeadObjectResult, { etag, checksum }: Expected, size: number): UploadResult['verified'] {
  if (confirms(head.checksums, checksum) === true) return 'crc64';
  if (sameEtag(head.etag, etag)) return 'etag';
  return head.size === size ? 'size' : 'none';
}
