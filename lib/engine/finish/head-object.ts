import { catchError, of, throwError } from 'rxjs';
import type { UploadCheckpoint, UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { ServiceError } from '../../model/errors/errors.js';
import { totalSize } from '../../model/checkpoint/reconcile.js';
import { combinedChecksum, confirms } from '../../protocol/request/checksum.js';
import { compositeEtag, sameEtag } from '../../protocol/response/etag.js';
import { headObject, type HeadObjectResult } from '../../protocol/operations/head-object.js';
import { isShown } from '../../validation/dialect-options.js';
import { requireFromService } from '../../protocol/response/response.js';
import { controlCall$ } from '../call/call.js';
import { concatResult, result, type Step } from '../step.js';
import type { Looking, Upload } from '../upload.js';
import type { Checksum } from '../../model/checksum.js';

/** The object under the key, as the service describes it. */
export function head$(upload: Looking): Step<HeadObjectResult> {
  const { request, read } = headObject(
    { ...upload, withChecksums: isShown(upload.checksum) || upload.skipExisting },
    upload.shared.signer.dialect,
  );
  return controlCall$(upload, {
    request,
    read: (response, context) => {
      const head = read(response, context);
      requireFromService(upload.shared.transport, head, response, context);
      return head;
    },
  });
}

/**
 * The object under the key if `isOwn`; null if it is not, does not exist or may not be read. Other failures are errors,
 * as they say nothing about the object.
 */
export function findObject$(
  upload: Looking,
  isOwn: (head: HeadObjectResult) => boolean,
): Step<HeadObjectResult | null> {
  return head$(upload).pipe(
    concatResult((head): Step<HeadObjectResult | null> => of(result(isOwn(head) ? head : null))),
    catchError((error: unknown) => (isFinalResponse(error) ? of(result(null)) : throwError(() => error))),
  );
}

/** The object under the key if this multipart upload created it. */
export function findOwnObject$(upload: Looking, checkpoint: UploadCheckpoint): Step<HeadObjectResult | null> {
  return findObject$(upload, (head) => isOwnObject(upload, head, checkpoint));
}

function isFinalResponse(error: unknown): boolean {
  return error instanceof ServiceError && !error.retryable;
}

/** By the upload id, or by content: the ETag or CRC-64 computed from all parts. Equal length alone proves nothing. */
export function isOwnObject(
  upload: Looking,
  head: HeadObjectResult,
  { uploadId, file, partOverheadBytes, parts }: UploadCheckpoint,
): boolean {
  if (head.uploadId !== null) return head.uploadId === uploadId;
  // A stream that has not ended cannot have been completed.
  if (file.size === null) return false;
  const size = file.size + parts.length * (partOverheadBytes ?? 0);
  if (totalSize(parts) !== size || !hasSize(head, size)) return false;
  const hasChecksum = confirms(head.checksums, expectedChecksum(upload.checksum, parts));
  return hasChecksum ?? sameEtag(head.etag, compositeEtag(parts));
}

/** Some CDNs leave Content-Length out. */
export function hasSize(head: HeadObjectResult, size: number): boolean {
  return head.size === null || head.size === size;
}

/** The object's checksum by those of its parts; null where that is not asked for, or one of a part is not known. */
export function expectedChecksum(checksum: Upload['checksum'], parts: readonly UploadedPart[]): Checksum | null {
  return isShown(checksum) ? combinedChecksum(checksum, parts) : null;
}
