import { catchError, concatMap, defer, EMPTY, expand, from, map, mergeMap, of, takeWhile, type Observable } from 'rxjs';
import {
  inBatches,
  readHandle$,
  type AnyHandle,
  type SelectedFile,
  type SelectedFiles,
  type UnreadableFile,
} from './selected-files.js';

/**
 * The files that a user has dropped, folders with all that is in them; with handles where the browser has them
 * (Chromium), which an upload queue remembers. Emits while folders are being read, at most once in 16 ms; completes
 * without a value if no file was dropped, and never fails.
 *
 * Subscribe in the handler of the `drop` event: when it returns, the browser has emptied its items. `dragover` and `drop`
 * need `preventDefault()`, else the browser opens the file.
 *
 * @example
 * ```ts
 * fromEvent<DragEvent>(dropZone, 'dragover').subscribe((event) => event.preventDefault());
 * fromEvent<DragEvent>(dropZone, 'drop')
 *   .pipe(
 *     tap((event) => event.preventDefault()),
 *     mergeMap(({ dataTransfer }) => (dataTransfer === null ? EMPTY : droppedFiles$(dataTransfer))),
 *   )
 *   .subscribe(({ files }) =>
 *     queue.add(files.map(({ file, path, handle }) => ({ key: path, sourceFile: file, handle }))),
 *   );
 * ```
 * @see chosenFiles$
 * @see https://developer.mozilla.org/docs/Web/API/DataTransferItem/getAsFileSystemHandle
 */
export function droppedFiles$(dataTransfer: Pick<DataTransfer, 'items'>): Observable<SelectedFiles> {
  return defer(() => {
    const dropped = Array.from(dataTransfer.items as Iterable<TransferItem>)
      .filter(({ kind }) => kind === 'file')
      .map((item) => ({ handle: handleOf(item), entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
    return inBatches(from(dropped).pipe(concatMap(readItem$)));
  });
}

interface DroppedItem {
  readonly handle: Promise<AnyHandle | null>;
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
}

function readItem$({ handle, entry, file }: DroppedItem): Observable<SelectedFile | UnreadableFile> {
  return from(handle).pipe(
    mergeMap((found) => {
      if (found !== null) return readHandle$(found);
      if (entry !== null) return readEntry$(entry);
      return file === null ? EMPTY : of({ file, path: file.name, handle: null });
    }),
  );
}

/** What not every browser has; the first is not in TypeScript's library of the DOM. */
type TransferItem = Pick<DataTransferItem, 'kind' | 'getAsFile'> & {
  readonly getAsFileSystemHandle?: () => Promise<AnyHandle | null | undefined>;
  readonly webkitGetAsEntry?: () => FileSystemEntry | null;
};

/** Chromium resolves to undefined for a file that a script has put into the drop, as tests of pages do. */
async function handleOf(item: TransferItem): Promise<AnyHandle | null> {
  try {
    return (await item.getAsFileSystemHandle?.()) ?? null;
  } catch {
    return null;
  }
}

/** The file of an entry, or all files in a folder and the folders below it: for browsers whose drops have no handles. */
function readEntry$(entry: FileSystemEntry): Observable<SelectedFile | UnreadableFile> {
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
