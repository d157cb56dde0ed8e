import { catchError, defer, EMPTY, ignoreElements, type Observable } from 'rxjs';
import type { CheckpointStore, FileHandle } from './checkpoint-store.js';
import { fileKeyOf } from './file-key.js';
import { isHandle } from './open-file.js';

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
