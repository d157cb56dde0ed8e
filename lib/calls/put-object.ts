import { defer, type Observable } from 'rxjs';
import type { ObsConnection } from '../connection/obs-connection.js';
import { resultOf } from '../engine/call/call.js';
import { requireBucket, requireKey } from '../validation/target.js';
import { buildPutObject, readPutObject, type PutObjectArgs, type PutObjectResult } from '../protocol/put-object.js';

/** Sends an object of at most 5 GiB in one request (OBS: "Uploading an Object - PUT"). */
export function putObject$(connection: ObsConnection, args: PutObjectArgs): Observable<PutObjectResult> {
  return defer(() => {
    requireBucket(args.bucket, connection.shared.endpoint);
    requireKey(args.key);
    const hasCallback = args.object?.callback !== undefined;
    return resultOf(connection, {
      request: buildPutObject(args, connection.shared.signer.dialect),
      read: (response, context) => readPutObject(response, context, hasCallback),
    });
  });
}
