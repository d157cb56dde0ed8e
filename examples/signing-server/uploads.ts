import { defaultIfEmpty, filter, firstValueFrom, map, reduce, expand, EMPTY, type Observable } from 'rxjs';
import { listParts$, listUploads$, type ListPartsResult, type ObsConnection } from 'rx-obs-upload';
import { Refusal } from './policy/policy.js';
import type { Permitted } from './policy/permit.js';

/** Binds upload ids to the keys that they were begun for, and so to the user whose prefix the key is under. */
export interface Uploads {
  /** @throws Refusal where the id was not begun for that key */
  requireOwn(request: Permitted, uploadId: string): Promise<void>;
  partSizes(request: Permitted, uploadId: string): Promise<readonly number[]>;
}

const MAX_KNOWN = 10_000;

/**
 * The page begins an upload by itself, so this server never sees the new id: it asks the store which key an id belongs
 * to, once, when it first meets the id. Only whoever had `initiate` signed for a key can have begun an upload there,
 * and a key's prefix names that user. So an id of somebody else is refused whatever key stands in the URL, and nothing
 * needs to be kept over a restart.
 */
export function createUploads(obs: ObsConnection): Uploads {
  /** Ids that the store has vouched for: still good when their upload is gone, so that a page can find that out. */
  const known = new Set<string>();

  const isOfKey = ({ bucket, key }: Permitted, uploadId: string): Promise<boolean> =>
    firstValueFrom(
      listUploads$(obs, { bucket, prefix: key }).pipe(
        filter((upload) => upload.key === key && upload.uploadId === uploadId),
        map(() => true),
        defaultIfEmpty(false),
      ),
    );

  return {
    async requireOwn(request, uploadId) {
      const id = JSON.stringify([request.bucket, request.key, uploadId]);
      if (known.has(id)) return;
      if (await isOfKey(request, uploadId)) {
        if (known.size >= MAX_KNOWN) known.clear();
        known.add(id);
      } else if (request.name !== 'list-parts') {
        // To list parts of one's own key harms nobody: of an upload that is gone the store says so.
        throw new Refusal('No upload with this id was begun for this key.');
      }
    },
    partSizes: ({ bucket, key }, uploadId) => {
      const page$ = (partNumberMarker: number): Observable<ListPartsResult> =>
        listParts$(obs, { bucket, key, uploadId, partNumberMarker });
      return firstValueFrom(
        page$(0).pipe(
          expand(({ nextPartNumberMarker: next }) => (next === null ? EMPTY : page$(next))),
          reduce((sizes: readonly number[], { parts }) => [...sizes, ...parts.map(({ size }) => size)], []),
        ),
      );
    },
  };
}
