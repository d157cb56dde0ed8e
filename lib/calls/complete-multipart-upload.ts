import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import {
  buildCompleteMultipartUpload,
  readCompleteMultipartUpload,
  type CompleteMultipartUploadArgs,
  type CompleteMultipartUploadResult,
} from '../protocol/complete-multipart-upload.js';

/**
 * Creates the object from its parts (OBS: "Combining Parts"). It may have succeeded despite an error: `uploadFile$`
 * checks, this call does not.
 */
export function completeMultipartUpload$(
  connection: ObsConnection,
  args: CompleteMultipartUploadArgs,
): Observable<CompleteMultipartUploadResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    const hasCallback = args.object?.callback !== undefined;
    return resultOf(connection, {
      request: buildCompleteMultipartUpload(args, connection.shared.signer.dialect),
      read: (response, context) => readCompleteMultipartUpload(response, context, hasCallback),
    });
  });
}
