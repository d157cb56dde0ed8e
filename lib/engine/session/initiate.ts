import type { FileIdentity } from '../../model/checkpoint.js';
import { buildInitiateMultipartUpload, readInitiateMultipartUpload } from '../../protocol/initiate-multipart-upload.js';
import { concatResult, type Step } from '../step.js';
import { controlCall$ } from '../call/call.js';
import { begin$, newCheckpoint, type Session } from './session.js';
import type { Upload } from '../upload.js';

/** Starts a new upload on the server. */
export function initiate$(upload: Upload, file: FileIdentity): Step<Session> {
  const request = buildInitiateMultipartUpload(upload, upload.shared.signer.dialect);
  return controlCall$(upload, { request, read: readInitiateMultipartUpload }).pipe(
    concatResult(({ uploadId }) => begin$(upload, newCheckpoint(upload, file, uploadId), [])),
  );
}
