import { concatMap, EMPTY, expand, type Observable } from 'rxjs';
import { listMultipartUploads$ } from './calls/list-multipart-uploads.js';
import type { ObsConnection } from './connection/obs-connection.js';
import type { ListMultipartUploadsArgs, UnfinishedUpload } from './protocol/list-multipart-uploads.js';

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
  return listMultipartUploads$(connection, { bucket, prefix }).pipe(
    expand(({ nextMarker }) =>
      nextMarker === null ? EMPTY : listMultipartUploads$(connection, { bucket, prefix, marker: nextMarker }),
    ),
    concatMap(({ uploads }) => uploads),
  );
}
