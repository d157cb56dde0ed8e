import { catchError, of } from 'rxjs';
import type { UploadCheckpoint } from '../model/checkpoint.js';
import { totalSize } from '../plan/reconcile.js';
import { compositeEtag } from '../protocol/etag.js';
import { buildHeadObject, readHeadObject, type HeadObjectResult } from '../protocol/head-object.js';
import { done, whenDone, type Step } from './activity.js';
import { controlCall$ } from './control-call.js';
import type { Upload } from './upload.js';

/** Looks at what lies under the key; null where nothing can be seen, for whatever reason. */
export function head$(upload: Upload): Step<HeadObjectResult | null> {
  const request = buildHeadObject(upload, upload.shared.signer.dialect);
  return controlCall$(upload, { request, read: readHeadObject }).pipe(catchError(() => of(done(null))));
}

/** Whether the object under the key was made by this upload, and what it is; null where it was not or nobody can tell. */
export function findOwnObject$(upload: Upload, checkpoint: UploadCheckpoint): Step<HeadObjectResult | null> {
  return head$(upload).pipe(whenDone((head) => of(done(head !== null && isOwn(head, checkpoint) ? head : null))));
}

/** By the upload id, or by content: the ETag computed from all parts. Equal length alone proves nothing. */
function isOwn(head: HeadObjectResult, { uploadId, file, parts }: UploadCheckpoint): boolean {
  if (head.uploadId !== null) return head.uploadId === uploadId;
  return (
    totalSize(parts) === file.size && head.size === file.size && head.etag !== '' && head.etag === compositeEtag(parts)
  );
}
