import { catchError, concatMap, defer, from, map, of, type Observable } from 'rxjs';
import type { FileHandle } from '../checkpoint-store/checkpoint-store.js';
import type { SelectedFile, UnreadableFile } from './selected-files.js';

export type AnyHandle = (FileSystemFileHandle & FileHandle) | FileSystemDirectoryHandle;

/** The file of a handle, or all files in a folder and the folders below it. */
export function readHandle$(handle: AnyHandle, folder = ''): Observable<SelectedFile | UnreadableFile> {
  const path = folder + handle.name;
  const found$: Observable<SelectedFile | UnreadableFile> =
    handle.kind === 'file'
      ? defer(() => handle.getFile()).pipe(map((file) => ({ file, path, handle })))
      : defer(() => from(handle.values() as AsyncIterable<AnyHandle>)).pipe(
          concatMap((inner) => readHandle$(inner, `${path}/`)),
        );
  return found$.pipe(catchError((error: unknown) => of({ path, error })));
}
