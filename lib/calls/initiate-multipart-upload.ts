import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import {
  buildInitiateMultipartUpload,
  readInitiateMultipartUpload,
  type InitiateMultipartUploadArgs,
  type InitiateMultipartUploadResult,
} from '../protocol/initiate-multipart-upload.js';

/** Begins a multipart upload and emits its upload id (OBS: "Initiating a Multipart Upload"). */
export function initiateMultipartUpload$(
  connection: ObsConnection,
  args: InitiateMultipartUploadArgs,
): Observable<InitiateMultipartUploadResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    return resultOf(connection, {
      request: buildInitiateMultipartUpload(args, connection.shared.signer.dialect),
      read: readInitiateMultipartUpload,
    });
  });
}
