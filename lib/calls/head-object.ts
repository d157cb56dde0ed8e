import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import {
  buildHeadObject,
  readHeadObject,
  type HeadObjectArgs,
  type HeadObjectResult,
} from '../protocol/head-object.js';

/** Emits an object's metadata (OBS: "Querying Object Metadata"). */
export function headObject$(connection: ObsConnection, args: HeadObjectArgs): Observable<HeadObjectResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    return resultOf(connection, {
      request: buildHeadObject(args, connection.shared.signer.dialect),
      read: readHeadObject,
    });
  });
}
