import type { QueuePending, QueueRequest, SelectedFiles, UploadQueue } from 'rx-obs-upload';

/** Adds files, each as the object of its path, and removes rows. */
export function adderTo(
  queue: UploadQueue,
  keyPrefix: string,
): {
  /** @returns what is wrong with them */
  readonly add: (selected: SelectedFiles, partSize: number) => string | null;
  readonly remove: (ids: readonly string[]) => void;
} {
  const taken = new Map<string, File>();
  return {
    add: ({ files, unreadable }, partSize) => {
      const requests: QueueRequest[] = [];
      for (const { file, path, handle } of files) {
        const key = keyOf(keyPrefix + path, file, taken, queue.state.pending);
        if (taken.has(key)) addAgain(queue, key);
        taken.set(key, file);
        if (!queue.state.rows.some((row) => row.key === key))
          requests.push({ key, sourceFile: file, handle, partSize });
      }
      queue.add(requests);
      const unread = unreadable.map(({ path }) => path);
      const more = unread.length > 3 ? ` and ${unread.length - 3} more` : '';
      return unread.length === 0
        ? null
        : `These cannot be read, so they are not uploaded: ${unread.slice(0, 3).join(', ')}${more}.`;
    },
    remove: (ids) => {
      for (const { id, key } of queue.state.rows) if (ids.includes(id)) taken.delete(key);
      queue.remove(ids);
    },
  };
}

/** The same file once more: it is resumed, or uploaded again if it was completed. */
function addAgain(queue: UploadQueue, key: string): void {
  const row = queue.state.rows.find((each) => each.key === key);
  if (row === undefined) return;
  queue.resume(row.id);
  queue.retry(row.id);
  if (row.status === 'completed') queue.remove(row.id);
}

/**
 * The key of its unfinished upload if there is one, else its path. Two files of one path become two objects, so that
 * none overwrites the other.
 */
export function keyOf(
  path: string,
  file: File,
  taken: ReadonlyMap<string, File>,
  pending: readonly Pick<QueuePending, 'checkpoint'>[],
): string {
  const left = pending.flatMap(({ checkpoint }) => (isSame(checkpoint.file, file) ? [checkpoint.key] : []));
  const wanted = left.length === 0 || left.includes(path) ? path : (left[0] ?? path);
  for (let copy = 1; ; copy++) {
    const key = copy === 1 ? wanted : numbered(wanted, copy);
    const there = taken.get(key);
    if (there === undefined || isSame(there, file)) return key;
  }
}

/** `a/film.mp4` is `a/film (2).mp4`. */
function numbered(key: string, copy: number): string {
  return key.replace(/(\.[^./]+)?$/, (extension) => ` (${copy})${extension}`);
}

type Identity = Pick<QueuePending['checkpoint']['file'], 'name' | 'size' | 'lastModified'>;

function isSame(a: Identity, b: Identity): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}
