import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { defer, type Observable } from 'rxjs';
import { SourceError } from '../model/errors/errors.js';
import type { SizedSource } from '../ports/source/upload-source.js';
import { readSlice, streamSlice, toSourceError, type FileState } from './file-slice.js';

/**
 * A file on disk as the source of an upload (Node): emits one source and completes.
 *
 * The file is neither held in memory nor left open: each slice opens the file, streams from it and closes it, each time
 * the slice is sent. A slice fails with a `SourceError`: `source-changed` if the file is no longer the one that was
 * opened (another size or modification time), `source-unreadable` if it is gone. The observable itself fails with
 * `source-unreadable` if the path is not a readable file.
 *
 * Node's `openAsBlob` is no substitute: some versions (seen with 20.20) give a Blob whose size is the file's modulo
 * 4 GiB, so that only the beginning of a large file would be uploaded, and nothing about the Blob shows it.
 *
 * @example
 * ```ts
 * fileSource$('a.mp4')
 *   .pipe(switchMap((sourceFile) => uploadFile$(obs, { bucket: 'media', key: 'a.mp4', sourceFile })))
 *   .subscribe(showEvent);
 * ```
 */
export function fileSource$(path: string): Observable<SizedSource> {
  return defer(async () => sourceOf(await stateOf(path)));
}

function sourceOf(file: FileState): SizedSource {
  return {
    name: basename(file.path),
    size: file.size,
    lastModified: Math.trunc(file.mtimeMs),
    type: '',
    slice: (start, end) => ({ size: end - start, stream: () => streamSlice(file, start, end) }),
    read: (start, end) => defer(() => readSlice(file, start, end)),
  };
}

async function stateOf(path: string): Promise<FileState> {
  try {
    // stat first: opening a named pipe would wait for a writer.
    const stats = await stat(path);
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? 'a directory' : 'a device or a pipe';
      throw new SourceError('source-unreadable', `${path} is ${kind}, not a file.`);
    }
    const handle = await open(path, 'r');
    await handle.close();
    return { path, size: stats.size, mtimeMs: stats.mtimeMs };
  } catch (error) {
    throw toSourceError(path, error);
  }
}
