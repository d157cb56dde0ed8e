import { concatMap, EMPTY, expand, tap, type Observable } from 'rxjs';
import { listMultipartUploads$ } from './calls/list-multipart-uploads.js';
import type { ObsConnection } from './connection/obs-connection.js';
import { ServiceError } from './model/errors/service-error.js';
import type {
  ListMultipartUploadsArgs,
  ListMultipartUploadsResult,
  UnfinishedUpload,
  UploadMarker,
} from './protocol/list-multipart-uploads.js';

/**
 * Emits each unfinished upload of a bucket, page by page: orphans, whose parts cost storage until `abortUpload$`.
 *
 * @example
 * ```ts
 * listUploads$(obs, { bucket: 'media', prefix: 'videos/' }).subscribe(({ key, uploadId, initiated }) => …);
 * ```
 */
export function listUploads$(
  connection: ObsConnection,
  { bucket, prefix = '' }: Pick<ListMultipartUploadsArgs, 'bucket' | 'prefix'>,
): Observable<UnfinishedUpload> {
  const page$ = (marker: UploadMarker | null): Observable<ListMultipartUploadsResult> =>
    listMultipartUploads$(connection, { bucket, prefix, marker }).pipe(
      tap(({ nextMarker }) => {
        if (nextMarker !== null && marker !== null && !comesAfter(nextMarker, marker)) throw endlessList();
      }),
    );
  return page$(null).pipe(
    expand(({ nextMarker }) => (nextMarker === null ? EMPTY : page$(nextMarker))),
    concatMap(({ uploads }) => uploads),
  );
}

/** Keys are in the order of their UTF-8 bytes, which JavaScript's comparison is not: another key is progress enough. */
function comesAfter(next: UploadMarker, last: UploadMarker): boolean {
  return next.key !== last.key || next.uploadId !== last.uploadId;
}

function endlessList(): ServiceError {
  return new ServiceError('bad-response', 'listMultipartUploads was answered with pages that do not move on.', {
    operation: 'listMultipartUploads',
    status: 200,
    serviceCode: null,
    requestId: null,
  });
}
