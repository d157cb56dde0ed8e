import { catchError, concatMap, defer, expand, map, of, takeWhile, type Observable } from 'rxjs';
import type { SelectedFile, UnreadableFile } from './selected-files.js';

/** The file of an entry, or all files in a folder and the folders below it: for browsers whose drops have no handles. */
export function readEntry$(entry: FileSystemEntry): Observable<SelectedFile | UnreadableFile> {
  const path = entry.fullPath.replace(/^\//, '');
  const found$: Observable<SelectedFile | UnreadableFile> = isFile(entry)
    ? defer(() => new Promise<File>((resolve, reject) => entry.file(resolve, reject))).pipe(
        map((file) => ({ file, path, handle: null })),
      )
    : entriesIn$(entry as FileSystemDirectoryEntry).pipe(concatMap(readEntry$));
  return found$.pipe(catchError((error: unknown) => of({ path, error })));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** A reader gives some at a time (100 in Chromium), and none at the end. */
function entriesIn$(folder: FileSystemDirectoryEntry): Observable<FileSystemEntry> {
  return defer(() => {
    const reader = folder.createReader();
    const some$ = defer(() => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)));
    return some$.pipe(
      expand(() => some$),
      takeWhile((some) => some.length > 0),
      concatMap((some) => some),
    );
  });
}
