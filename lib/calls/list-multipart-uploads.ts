import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket } from '../validation/target.js';
import {
  buildListMultipartUploads,
  readListMultipartUploads,
  type ListMultipartUploadsArgs,
  type ListMultipartUploadsResult,
} from '../protocol/list-multipart-uploads.js';

/** Emits one page of the bucket's unfinished uploads (OBS: "Listing Initiated Multipart Uploads in a Bucket"). */
export function listMultipartUploads$(
  connection: ObsConnection,
  args: ListMultipartUploadsArgs,
): Observable<ListMultipartUploadsResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    return resultOf(connection, {
      request: buildListMultipartUploads(args, connection.shared.signer.dialect),
      read: readListMultipartUploads,
    });
  });
}
