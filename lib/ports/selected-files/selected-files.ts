import { bufferTime, catchError, concatMap, defer, filter, from, map, of, type Observable } from 'rxjs';
import type { FileHandle } from '../checkpoint-store/checkpoint-store.js';

/** Files that a user has dropped or chosen. */
export interface SelectedFiles {
  /** Those that can be read, in the order in which they were found. */
  readonly files: readonly SelectedFile[];
  /** Those that cannot, such as a file that was deleted meanwhile or a folder without permission. */
  readonly unreadable: readonly UnreadableFile[];
}

/** A file with its place in the folder that it came in. */
export interface SelectedFile {
  /** For `sourceFile` of a request. */
  readonly file: File;
  /** `holiday/day 1/sea.jpg` if the folder `holiday` was selected, else the file's name. Never begins with a slash. */
  readonly path: string;
  /** For `handle` of a queue's request, or `rememberFile$`; null where the browser has none. */
  readonly handle: FileHandle | null;
}

/** A file or folder that the browser could not read. */
export interface UnreadableFile {
  /** As that of a file. */
  readonly path: string;
  /** What the browser threw, usually a `DOMException`. */
  readonly error: unknown;
}

/** Adding thousands one by one would draw the page thousands of times. */
const BATCH_MS = 16;

/** Files as they are found, those of one frame together. */
export function inBatches(found$: Observable<SelectedFile | UnreadableFile>): Observable<SelectedFiles> {
  return found$.pipe(
    bufferTime(BATCH_MS),
    filter((found) => found.length > 0),
    map((found) => ({
      files: found.filter((each) => 'file' in each),
      unreadable: found.filter((each) => 'error' in each),
    })),
  );
}

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
