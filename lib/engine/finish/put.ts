import { catchError, concat, concatMap, map, of, tap, throwError, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { isCombinable } from '../../model/checksum.js';
import type { UploadErrorInfo } from '../../model/upload/error-info.js';
import { ServiceError } from '../../model/errors/errors.js';
import type { UploadError } from '../../model/errors/upload-error.js';
import type { UploadResult } from '../../model/upload/event.js';
import { partAt } from '../../model/checkpoint/parts.js';
import { toHex } from '../../bytes.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { sizeOfBody } from '../../protocol/obs-request.js';
import { mayHaveTakenEffect } from '../../protocol/errors/classify-error.js';
import { confirms } from '../../protocol/request/checksum.js';
import { isMd5, sameEtag } from '../../protocol/response/etag.js';
import type { HeadObjectResult } from '../../protocol/operations/head-object.js';
import { putObject, type PutObjectResult } from '../../protocol/operations/put-object.js';
import type { Call } from '../call/attempt.js';
import { requireFromService } from '../../protocol/response/response.js';
import { call$ } from '../call/call.js';
import { concatResult, deferUnlessClosed, result, type Activity, type Step } from '../step.js';
import { bodyDigest$, type BodyDigest } from '../parts/body-digest.js';
import { entireBodyOf, md5$, probe$, transformed$ } from '../parts/read-source.js';
import { asPartActivity } from '../parts/send-parts.js';
import { withTrafficLimit } from '../parts/traffic-limit.js';
import { started } from '../session/session.js';
import type { SizedUpload, Upload } from '../upload.js';
import { outcomeUnknown } from './complete.js';
import { completed$, type ObjectFacts } from './completed.js';
import { findObject$, hasSize } from './head-object.js';
import { confirm$, notWhatWasSent, otherChecksum, type Expected } from './verify.js';

/** A file of one part in one request. There is nothing to resume, so there is no checkpoint. */
export function put$(upload: SizedUpload): Observable<Activity> {
  return deferUnlessClosed(() => {
    const part = partAt(upload.size, upload.partSize, 1);
    const { transform } = upload;
    const body$ = transform === null ? of(entireBodyOf(upload)) : transformed$(upload, transform, part);
    const readable$ = probe$(upload, part);
    const upload$ = concat(
      of<Activity>(started(upload, null, 0)),
      body$.pipe(
        concatMap((body) =>
          bodyDigest$(upload, body).pipe(concatMap((digest) => send$(upload, body, digest, readable$))),
        ),
      ),
    );
    // To a browser a deleted file may look like an empty one.
    return upload.size === 0 ? concat(readable$, upload$) : upload$;
  });
}

function send$(
  upload: SizedUpload,
  body: RequestBody,
  digest: BodyDigest,
  probe$: Observable<never>,
): Observable<Activity> {
  const { contentMd5, checksum } = digest;
  const expected: Expected = {
    etag: contentMd5 && toHex(contentMd5),
    checksum: checksum !== null && isCombinable(checksum.algorithm) ? checksum : null,
  };
  return withTrafficLimit(upload.trafficLimit, (limit) =>
    deferUnlessClosed(() => {
      const startedAt = upload.clock.now();
      let mayBeStored = false;
      const { request, read } = putObject(
        { ...upload, body, ...digest, trafficLimit: limit() },
        upload.shared.signer.dialect,
      );
      const put: Call<ObjectFacts> = {
        request,
        read: (response, context) => {
          const result = read(response, context);
          requireFromService(upload.shared.transport, result, response, context);
          if (isAnotherMd5(upload, result, contentMd5)) throw notWhatWasSent('putObject');
          if (confirms(result.checksums, checksum) === false) throw otherChecksum('putObject');
          return { ...result, verified: verifiedByResponse(result, expected) };
        },
        probe$,
      };
      return call$(upload, put).pipe(
        tap((activity) => {
          if (activity.type === 'retrying') mayBeStored ||= isAmbiguous(activity.error);
        }),
        map(asPartActivity(1, sizeOfBody(body))),
        catchError((error: unknown): Step<ObjectFacts> =>
          mayHaveTakenEffect(error)
            ? resolve$(upload, body, { contentMd5, expected }, error, mayBeStored ? null : startedAt)
            : throwError(() => error),
        ),
        concatResult((known) => {
          const part = { partNumber: 1, size: sizeOfBody(body), etag: known.etag };
          return concat(
            of<Activity[]>({ type: 'part-acknowledged', part, checkpoint: null }, { type: 'completing' }),
            known.etag === '' || (expected.checksum !== null && known.verified !== 'crc64')
              ? confirm$(upload, { ...known, uploadId: null }, expected, known.etag === '' ? notThere : null)
              : completed$(upload, known),
          );
        }),
      );
    }),
  );
}

/** Without an ETag a success proves little, and a missing object the opposite. */
function notThere(): ServiceError {
  return new ServiceError(
    'bad-response',
    'putObject got a success without an ETag, but there is no object under the key: a proxy may have responded. Upload it ' +
      'again.',
    { operation: 'putObject', status: 404, serviceCode: null, requestId: null, retryable: true },
  );
}

function verifiedByResponse({ etag, checksums }: PutObjectResult, expected: Expected): UploadResult['verified'] {
  if (confirms(checksums, expected.checksum) === true) return 'crc64';
  return sameEtag(etag, expected.etag) ? 'etag' : 'size';
}

/**
 * The PUT may have taken effect although it failed: the object is ours if it has our bytes. An object that made a PUT
 * with `forbidOverwrite` fail may have existed before: it must also be newer than the PUT.
 *
 * @param notBefore - epoch milliseconds of the PUT; null if an earlier attempt may have created the object
 */
function resolve$(
  upload: SizedUpload,
  body: RequestBody,
  { contentMd5, expected }: { readonly contentMd5: Uint8Array | null; readonly expected: Expected },
  error: UploadError,
  notBefore: number | null,
): Step<ObjectFacts> {
  const isConflict = error instanceof ServiceError && (error.status === 409 || error.status === 412);
  const canBeOurs = (head: HeadObjectResult): boolean =>
    hasSize(head, sizeOfBody(body)) && (!isConflict || notBefore === null || isNewer(head, notBefore));
  const head$ = findObject$({ ...upload, retry: { ...upload.retry, maxAttempts: 2 } }, canBeOurs);
  return head$.pipe(
    mapError(() => error),
    concatResult((head): Step<ObjectFacts> => {
      if (head === null) return throwError(() => error);
      const isConfirmed = confirms(head.checksums, expected.checksum);
      if (isConfirmed === true) return of(result<ObjectFacts>({ ...head, verified: 'crc64' }));
      if (isConfirmed === false) return throwError(() => error);
      if (head.hasOpaqueEtag || !isMd5(head.etag))
        return throwError(() => (isConflict ? outcomeUnknown(error) : error));
      return (contentMd5 === null ? md5$(upload, body) : of(contentMd5)).pipe(
        concatMap((md5) =>
          sameEtag(head.etag, toHex(md5))
            ? of(result<ObjectFacts>({ ...head, verified: 'etag' }))
            : throwError(() => error),
        ),
      );
    }),
  );
}

/** `Last-Modified` has whole seconds, and clocks differ a little. */
const CLOCK_TOLERANCE_MS = 2000;

function isNewer({ lastModified }: HeadObjectResult, notBefore: number): boolean {
  return lastModified !== null && lastModified >= notBefore - CLOCK_TOLERANCE_MS;
}

/** Whether an attempt that failed like this may have stored the object. */
function isAmbiguous({ code, status }: UploadErrorInfo): boolean {
  return code === 'network' || code === 'stalled' || code === 'bad-response' || (status !== null && status >= 500);
}

/** Whether the service stored other bytes: under SSE-KMS and SSE-C, which CORS may hide from a page, an ETag is no MD5. */
function isAnotherMd5(
  { object: { sse }, shared: { transport } }: Upload,
  { etag, hasOpaqueEtag }: PutObjectResult,
  contentMd5: Uint8Array | null,
): boolean {
  if (contentMd5 === null || !isMd5(etag) || sameEtag(etag, toHex(contentMd5))) return false;
  return !hasOpaqueEtag && transport.hidesAnswers !== true && (sse === undefined || sse.type === 'AES256');
}
