import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import {
  buildUploadPart,
  readUploadPart,
  type UploadPartArgs,
  type UploadPartResult,
} from '../protocol/upload-part.js';

/** Sends one part and emits its ETag (OBS: "Uploading Parts"). */
export function uploadPart$(connection: ObsConnection, args: UploadPartArgs): Observable<UploadPartResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    return resultOf(connection, {
      request: buildUploadPart(args, connection.shared.signer.dialect),
      read: readUploadPart,
    });
  });
}
