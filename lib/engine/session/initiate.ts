import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';
import { initiateMultipartUpload } from '../../protocol/operations/initiate-multipart-upload.js';
import { requireEntire } from '../parts/growing.js';
import { concatResult, type Step } from '../step.js';
import { controlCall$ } from '../call/call.js';
import { announcedChecksum, begin$, newCheckpoint, type Session } from './session.js';
import type { Upload } from '../upload.js';

/** Starts a new upload on the server. */
export function initiate$(upload: Upload, file: FileIdentity): Step<Session> {
  requireEntire(upload.source, 'start');
  const args = { ...upload, checksum: announcedChecksum(upload) };
  return controlCall$(upload, initiateMultipartUpload(args, upload.shared.signer.dialect)).pipe(
    concatResult(({ uploadId }) => begin$(upload, newCheckpoint(upload, file, uploadId), [])),
  );
}
