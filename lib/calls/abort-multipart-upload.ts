import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import {
  buildAbortMultipartUpload,
  readAbortMultipartUpload,
  type AbortMultipartUploadArgs,
} from '../protocol/abort-multipart-upload.js';

/**
 * Deletes an upload and its parts, once (OBS: "Canceling a Multipart Upload"); a part in flight may still arrive.
 * @see {@link abortUpload$} which checks that no parts remain
 */
export function abortMultipartUpload$(connection: ObsConnection, args: AbortMultipartUploadArgs): Observable<void> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    return resultOf(connection, { request: buildAbortMultipartUpload(args), read: readAbortMultipartUpload });
  });
}
