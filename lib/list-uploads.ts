import { concatMap, defer, EMPTY, expand, queueScheduler, type Observable } from 'rxjs';
import type { ObsConnection } from './connection/obs-connection.js';
import { listMultipartUploads$ } from './operations.js';
import { endlessList } from './protocol/errors/endless-list.js';
import type {
  ListMultipartUploadsArgs,
  ListMultipartUploadsResult,
  UnfinishedUpload,
  UploadMarker,
} from './protocol/operations/list-multipart-uploads.js';

/** Of up to 1,000 uploads each; a longer list can be read by prefixes. */
const MAX_PAGES = 1000;

/**
 * Emits each unfinished upload of a bucket, page by page: orphans, whose parts cost storage until `abortUpload$`.
 *
 * Fails with a `ServiceError` `bad-response` if the pages repeat, and after 1,000 pages of up to 1,000 uploads: what
 * was emitted by then is valid, and a longer `prefix` lists the rest.
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
    listMultipartUploads$(connection, { bucket, prefix, marker });
  return defer(() => {
    const seen = new Set<string>();
    return page$(null).pipe(
      // Queued, because an in-memory store responds synchronously: a thousand pages would be a thousand calls deep.
      expand((page) => followed(page, seen, page$), 1, queueScheduler),
      concatMap(({ uploads }) => uploads),
    );
  });
}

function followed(
  { nextMarker }: ListMultipartUploadsResult,
  seen: Set<string>,
  page$: (marker: UploadMarker) => Observable<ListMultipartUploadsResult>,
): Observable<ListMultipartUploadsResult> {
  if (nextMarker === null) return EMPTY;
  const id = JSON.stringify([nextMarker.key, nextMarker.uploadId]);
  // Stores differ in the order of their lists, so only a repeated marker proves a loop.
  if (seen.has(id)) throw endlessList('listMultipartUploads', 'with pages that lead back to an earlier one');
  seen.add(id);
  if (seen.size >= MAX_PAGES)
    throw endlessList('listMultipartUploads', `with more than ${MAX_PAGES} pages: list by a longer prefix`);
  return page$(nextMarker);
}
