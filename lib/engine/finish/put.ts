import { concat, concatMap, map, of, type Observable } from 'rxjs';
import { toHex } from '../../ports/hash/bytes.js';
import { partAt } from '../../model/parts.js';
import { buildPutObject, readPutObject } from '../../protocol/put-object.js';
import { whenDone, type Activity } from '../step.js';
import { call$ } from '../call/call.js';
import { completed$ } from './completed.js';
import { deferOpen } from '../call/defer-open.js';
import { contentMd5$ } from '../parts/digest.js';
import { started } from '../session/session.js';
import { probe$, wholeOf } from '../parts/read-source.js';
import { tellPart } from '../parts/tell-part.js';
import type { Upload } from '../upload.js';
import { confirm$ } from './verify.js';

/** A file of one part in one request. There is nothing to resume, so there is no checkpoint. */
export function put$(upload: Upload): Observable<Activity> {
  return deferOpen(() => {
    const body = wholeOf(upload);
    const readable$ = probe$(upload, partAt(upload.size, upload.partSize, 1));
    const sent$ = contentMd5$(upload, body).pipe(
      concatMap((contentMd5) => {
        const request = buildPutObject({ ...upload, body, contentMd5 }, upload.shared.signer.dialect);
        const hasCallback = upload.object.callback !== undefined;
        return call$(upload, {
          request,
          read: (response, context) => readPutObject(response, context, hasCallback),
          probe$: readable$,
        }).pipe(
          map(tellPart(1, upload.size)),
          whenDone((result) => {
            const md5 = contentMd5 && toHex(contentMd5);
            const verified = md5 !== null && result.etag.toLowerCase() === md5 ? 'etag' : 'size';
            return concat(
              of<Activity[]>(
                {
                  type: 'part-acknowledged',
                  part: { partNumber: 1, size: upload.size, etag: result.etag },
                  checkpoint: null,
                },
                { type: 'completing' },
              ),
              // The service takes a body only when all of its Content-Length has come; but without any ETag it may have
              // been somebody else who said 200.
              result.etag === '' ? confirm$(upload, result, md5) : completed$(upload, { ...result, verified }),
            );
          }),
        );
      }),
    );
    const told$ = concat(of<Activity>(started(upload, null, 0)), sent$);
    // To a browser a file that is gone may be an empty one.
    return upload.size === 0 ? concat(readable$, told$) : told$;
  });
}
