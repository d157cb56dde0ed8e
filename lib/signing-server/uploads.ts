import { defer, EMPTY, expand, first, firstValueFrom, fromEvent, map, reduce, takeUntil, type Observable } from 'rxjs';
import { listMultipartUploads$, listParts$, type ObsConnection, type UploadMarker } from '../index.js';
import type { StoreBudget } from './budgets.js';
import type { Permitted } from './policy/permit.js';
import { Refusal } from './refusal.js';

/** Within which bounds the store may be asked. */
export interface Inquiry {
  readonly budget: StoreBudget;
  /** Aborted when the client has disconnected: nothing more is sent to the store then. */
  readonly signal: AbortSignal;
}

/** What the store knows about uploads. */
export interface Uploads {
  /**
   * Binds an upload id to the key that it was initiated for, and so to the user whose prefix the key has.
   * @throws Refusal if the id was not initiated for that key
   */
  requireOwn(request: Permitted, uploadId: string, inquiry: Inquiry): Promise<void>;
  partSizes(request: Permitted, uploadId: string, inquiry: Inquiry): Promise<readonly number[]>;
  /** Unfinished uploads below a prefix, 1,000 at most. */
  countUnfinished(bucket: string, prefix: string, inquiry: Inquiry): Promise<number>;
}

const MAX_KNOWN = 10_000;
/** Of 1,000 uploads each: more than a user may have. */
const MAX_UPLOAD_PAGES = 3;
/** Of 1,000 parts each: all that an upload can have. */
const MAX_PART_PAGES = 10;

/**
 * The page initiates an upload itself, so this server never sees the new id: it asks the store which key an id belongs
 * to, once, when the id is new to it. An upload can only be initiated by a user for whom `initiate` was signed for that
 * key, and a key's prefix names that user. So an id of another user is refused whatever key is in the URL, and nothing
 * needs to be stored across a restart.
 */
export function createUploads(obs: ObsConnection): Uploads {
  /** Ids that the store has confirmed: still valid when their upload is gone, so that a page can find that out. */
  const known = new Set<string>();

  const isOfKey = ({ bucket, key }: Permitted, uploadId: string, inquiry: Inquiry): Promise<boolean> => {
    const page$ = (marker: UploadMarker | null) => listMultipartUploads$(obs, { bucket, prefix: key, marker });
    return firstValueFrom(
      pages$(page$, null, ({ nextMarker }) => nextMarker, MAX_UPLOAD_PAGES, inquiry).pipe(
        map(({ uploads }) => uploads.some((upload) => upload.key === key && upload.uploadId === uploadId)),
        first((isFound) => isFound, false),
      ),
    );
  };

  return {
    async requireOwn(request, uploadId, inquiry) {
      const id = JSON.stringify([request.bucket, request.key, uploadId]);
      if (known.has(id)) return;
      if (!(await isOfKey(request, uploadId, inquiry))) {
        throw new Refusal('No upload with this id was initiated for this key.');
      }
      if (known.size >= MAX_KNOWN) known.clear();
      known.add(id);
    },
    partSizes({ bucket, key }, uploadId, inquiry) {
      const page$ = (partNumberMarker: number) => listParts$(obs, { bucket, key, uploadId, partNumberMarker });
      return firstValueFrom(
        pages$(page$, 0, ({ nextPartNumberMarker }) => nextPartNumberMarker, MAX_PART_PAGES, inquiry).pipe(
          reduce((sizes: readonly number[], { parts }) => [...sizes, ...parts.map(({ size }) => size)], []),
        ),
      );
    },
    countUnfinished: (bucket, prefix, inquiry) =>
      firstValueFrom(
        paid$(() => listMultipartUploads$(obs, { bucket, prefix }), inquiry).pipe(map(({ uploads }) => uploads.length)),
      ),
  };
}

/** Page by page, as long as there is another one, the budget lasts and the client is connected. */
function pages$<T, Marker>(
  page$: (marker: Marker) => Observable<T>,
  start: Marker,
  nextOf: (page: T) => Marker | null,
  maxPages: number,
  inquiry: Inquiry,
): Observable<T> {
  return paid$(() => page$(start), inquiry).pipe(
    expand((page, index) => {
      const next = nextOf(page);
      if (next === null) return EMPTY;
      if (index + 1 >= maxPages) throw new Refusal('There are too many uploads or parts to look through.');
      return paid$(() => page$(next), inquiry);
    }),
  );
}

function paid$<T>(call$: () => Observable<T>, { budget, signal }: Inquiry): Observable<T> {
  return defer(() => {
    if (signal.aborted) return EMPTY;
    budget.spend();
    return call$().pipe(takeUntil(fromEvent(signal, 'abort')));
  });
}
