import { catchError, defer, EMPTY, ignoreElements, mergeMap, of, type Observable } from 'rxjs';
import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';
import { mapError } from '../../map-error.js';
import { SourceError } from '../../model/errors/errors.js';
import type { CheckpointStore, FileHandle } from './checkpoint-store.js';

/** What a handle is stored for: known before the upload starts, and part of its checkpoint later. */
export interface FileTarget {
  readonly bucket: string;
  readonly key: string;
  readonly file: Pick<FileIdentity, 'name' | 'size' | 'lastModified'>;
}

/** The name under which the handle of a file is stored. */
export function fileKeyOf({ bucket, key, file }: FileTarget): string {
  return JSON.stringify([bucket, key, file.name, file.size, file.lastModified]);
}

export function isHandle(file: FileHandle | File): file is FileHandle {
  return 'getFile' in file;
}

/** The file of a handle, after asking for permission if necessary; fails with a `SourceError`. */
export function openFile$(file: FileHandle | File): Observable<File> {
  if (!isHandle(file)) return of(file);
  return permission$(file).pipe(
    mergeMap((state) => {
      if (state === 'granted') return file.getFile();
      throw new SourceError('source-unreadable', `The page may not read ${file.name}: allow it, or choose it again.`);
    }),
    mapError((cause) => (cause instanceof SourceError ? cause : unreadable(file, cause))),
  );
}

/** Asks only if undecided: the browser's prompt needs a click at most a few seconds ago. */
function permission$(handle: FileHandle): Observable<PermissionState> {
  const read = { mode: 'read' } as const;
  return defer(() => handle.queryPermission?.(read) ?? of('granted' as const)).pipe(
    mergeMap((state) => (state === 'prompt' ? (handle.requestPermission?.(read) ?? of(state)) : of(state))),
  );
}

function unreadable({ name }: FileHandle, cause: unknown): SourceError {
  return new SourceError(
    'source-unreadable',
    `${name} cannot be read: it was moved or deleted, or the browser can ask for permission only on a click.`,
    { cause },
  );
}

/** Stores the handle of a file, if there is one and the store can; otherwise the user has to choose the file again. */
export function storeHandle$(
  { files }: CheckpointStore,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  chosen: FileHandle | File,
  file: File,
): Observable<never> {
  if (files === undefined || !isHandle(chosen)) return EMPTY;
  return defer(() => files.keep(fileKeyOf({ bucket, key, file }), chosen)).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}
