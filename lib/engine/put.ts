import { concat, map, of, type Observable } from 'rxjs';
import { partAt } from '../plan/plan-parts.js';
import { buildPutObject, readPutObject } from '../protocol/put-object.js';
import { whenDone, type Activity } from './activity.js';
import { call$ } from './call.js';
import { completed$ } from './completed.js';
import { deferOpen } from './defer-open.js';
import { started } from './session.js';
import { sliceOf } from './slice.js';
import { tellPart } from './tell-part.js';
import type { Upload } from './upload.js';

/** A file of one part in one request. There is nothing to resume, so there is no checkpoint. */
export function put$(upload: Upload): Observable<Activity> {
  const { bucket, key, object, sseCustomerKey, source, partSize, shared } = upload;
  const size = source.size;
  return deferOpen(() => {
    const args = { bucket, key, object, sseCustomerKey, body: sliceOf(source, partAt(size, partSize, 1)) };
    const request = buildPutObject(args, shared.signer.dialect);
    const hasCallback = object.callback !== undefined;
    return concat(
      of<Activity>(started(upload, null, 0)),
      call$(upload, { request, read: (response, context) => readPutObject(response, context, hasCallback) }).pipe(
        map(tellPart(1, size)),
        whenDone((result) =>
          concat(
            of<Activity[]>({ type: 'part-completed', partNumber: 1, size, etag: result.etag }, { type: 'completing' }),
            // The service takes a body only when all of its Content-Length has come.
            completed$(upload, { ...result, verified: 'size' }),
          ),
        ),
      ),
    );
  });
}
