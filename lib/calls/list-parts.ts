import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import { buildListParts, readListParts, type ListPartsArgs, type ListPartsResult } from '../protocol/list-parts.js';

/** Emits one page of the parts that the server has of an upload (OBS: "Listing Uploaded Parts"). */
export function listParts$(connection: ObsConnection, args: ListPartsArgs): Observable<ListPartsResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    return resultOf(connection, { request: buildListParts(args), read: readListParts });
  });
}
