import { defer, EMPTY, expand, first, firstValueFrom, fromEvent, map, reduce, takeUntil, type Observable } from 'rxjs';
import { listMultipartUploads$, listParts$, type ObsConnection, type UploadMarker } from 'rx-obs-upload';
import { Refusal } from './policy/policy.js';
import type { Permitted } from './policy/permit.js';
import type { StoreBudget } from './store-budget.js';

/** On whose behalf the store is asked, and until when. */
export interface Asker {
  readonly budget: StoreBudget;
  /** Aborted when the client has left: the store is asked nothing more then. */
  readonly gone: AbortSignal;
}

/** What this server has to know of uploads, as the store says. */
export interface Uploads {
  /**
   * Binds an upload id to the key that it was begun for, and so to the user whose prefix the key is under.
   * @throws Refusal where the id was not begun for that key
   */
  requireOwn(request: Permitted, uploadId: string, asker: Asker): Promise<void>;
  partSizes(request: Permitted, uploadId: string, asker: Asker): Promise<readonly number[]>;
  /** Unfinished uploads below a prefix, 1,000 at most. */
  countUnfinished(bucket: string, prefix: string, asker: Asker): Promise<number>;
}

const MAX_KNOWN = 10_000;
/** Of 1,000 uploads each: more than a user may have. */
const MAX_UPLOAD_PAGES = 3;
/** Of 1,000 parts each: all that an upload can have. */
const MAX_PART_PAGES = 10;

/**
 * The page begins an upload by itself, so this server never sees the new id: it asks the store which key an id belongs
 * to, once, when it first meets the id. Only whoever had `initiate` signed for a key can have begun an upload there,
 * and a key's prefix names that user. So an id of somebody else is refused whatever key stands in the URL, and nothing
 * needs to be stored over a restart.
 */
export function createUploads(obs: ObsConnection): Uploads {
  /** Ids that the store has vouched for: still good when their upload is gone, so that a page can find that out. */
  const known = new Set<string>();

  const isOfKey = ({ bucket, key }: Permitted, uploadId: string, asker: Asker): Promise<boolean> => {
    const page$ = (marker: UploadMarker | null) => listMultipartUploads$(obs, { bucket, prefix: key, marker });
    return firstValueFrom(
      pages$(page$, null, ({ nextMarker }) => nextMarker, MAX_UPLOAD_PAGES, asker).pipe(
        map(({ uploads }) => uploads.some((upload) => upload.key === key && upload.uploadId === uploadId)),
        first((isFound) => isFound, false),
      ),
    );
  };

  return {
    async requireOwn(request, uploadId, asker) {
      const id = JSON.stringify([request.bucket, request.key, uploadId]);
      if (known.has(id)) return;
      if (!(await isOfKey(request, uploadId, asker))) {
        throw new Refusal('No upload with this id was begun for this key.');
      }
      if (known.size >= MAX_KNOWN) known.clear();
      known.add(id);
    },
    partSizes({ bucket, key }, uploadId, asker) {
      const page$ = (partNumberMarker: number) => listParts$(obs, { bucket, key, uploadId, partNumberMarker });
      return firstValueFrom(
        pages$(page$, 0, ({ nextPartNumberMarker }) => nextPartNumberMarker, MAX_PART_PAGES, asker).pipe(
          reduce((sizes: readonly number[], { parts }) => [...sizes, ...parts.map(({ size }) => size)], []),
        ),
      );
    },
    countUnfinished: (bucket, prefix, asker) =>
      firstValueFrom(
        paid$(() => listMultipartUploads$(obs, { bucket, prefix }), asker).pipe(map(({ uploads }) => uploads.length)),
      ),
  };
}

/** Page by page, as long as there is another one, the budget lasts and the client waits. */
function pages$<T, Marker>(
  page$: (marker: Marker) => Observable<T>,
  start: Marker,
  nextOf: (page: T) => Marker | null,
  maxPages: number,
  asker: Asker,
): Observable<T> {
  return paid$(() => page$(start), asker).pipe(
    expand((page, index) => {
      const next = nextOf(page);
      if (next === null) return EMPTY;
      if (index + 1 >= maxPages) throw new Refusal('There are too many uploads or parts to look through.');
      return paid$(() => page$(next), asker);
    }),
  );
}

function paid$<T>(call$: () => Observable<T>, { budget, gone }: Asker): Observable<T> {
  return defer(() => {
    if (gone.aborted) return EMPTY;
    budget.spend();
    return call$().pipe(takeUntil(fromEvent(gone, 'abort')));
  });
}
