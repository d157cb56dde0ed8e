import { catchError, of, throwError } from 'rxjs';
import { ServiceError } from '../../model/errors/service-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { totalSize } from '../../model/reconcile.js';
import { compositeEtag } from '../../protocol/etag.js';
import { buildHeadObject, readHeadObject, type HeadObjectResult } from '../../protocol/head-object.js';
import { done, whenDone, type Step } from '../step.js';
import { controlCall$ } from '../call/control-call.js';
import type { Upload } from '../upload.js';

/** Looks at what lies under the key. */
export function head$(upload: Upload): Step<HeadObjectResult> {
  const request = buildHeadObject(upload, upload.shared.signer.dialect);
  return controlCall$(upload, { request, read: readHeadObject });
}

/**
 * The object under the key where it was made by this upload; null where it was not, or may not be looked at. Fails where
 * looking failed: that is not to have looked and found nothing.
 */
export function findOwnObject$(upload: Upload, checkpoint: UploadCheckpoint): Step<HeadObjectResult | null> {
  return head$(upload).pipe(
    whenDone((head): Step<HeadObjectResult | null> => of(done(isOwn(head, checkpoint) ? head : null))),
    catchError((error: unknown) => (isFinalAnswer(error) ? of(done(null)) : throwError(() => error))),
  );
}

function isFinalAnswer(error: unknown): boolean {
  return error instanceof ServiceError && !error.retryable;
}

/** By the upload id, or by content: the ETag computed from all parts. Equal length alone proves nothing. */
function isOwn(head: HeadObjectResult, { uploadId, file, parts }: UploadCheckpoint): boolean {
  if (head.uploadId !== null) return head.uploadId === uploadId;
  return (
    totalSize(parts) === file.size && head.size === file.size && head.etag !== '' && head.etag === compositeEtag(parts)
  );
}
