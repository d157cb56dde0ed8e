import { catchError, concatMap, defer, EMPTY, expand, from, map, mergeMap, of, takeWhile, type Observable } from 'rxjs';
import type { FileHandle } from 'rx-obs-upload';
import { handleOf, type AnyHandle } from './file-system-access.js';

/** A file that a person gave, with its place in the folder that it came in. */
export interface GivenFile {
  readonly file: File;
  /** Such as `holiday/day 1/sea.jpg`. */
  readonly path: string;
  /** Leads to the file after a reload too; null where the browser gives none. */
  readonly handle: FileHandle | null;
}

/** One of them, or one that cannot be read. */
export type Given = GivenFile | { readonly file: null; readonly path: string; readonly handle: null };

export function chosenIn(input: HTMLInputElement): readonly GivenFile[] {
  const files = Array.from(input.files ?? [], (file) => ({
    file,
    path: file.webkitRelativePath || file.name,
    handle: null,
  }));
  // Else choosing the same file again would be no change.
  input.value = '';
  return files;
}

/** What was dropped, folders with all that is in them. To be called while the event lasts: then its items are gone. */
export function dropped$({ items }: DataTransfer): Observable<Given> {
  const found = Array.from(items)
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ handle: handleOf(item), entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return from(found).pipe(
    concatMap(({ handle, entry, file }) =>
      from(handle).pipe(
        mergeMap((own) => {
          if (own !== null) return behindHandle$(own);
          if (entry !== null) return behindEntry$(entry);
          return file === null ? EMPTY : of({ file, path: file.name, handle: null });
        }),
      ),
    ),
  );
}

export function behindHandle$(handle: AnyHandle, above = ''): Observable<Given> {
  const path = above + handle.name;
  const found$: Observable<Given> =
    handle.kind === 'file'
      ? defer(() => handle.getFile()).pipe(map((file) => ({ file, path, handle })))
      : defer(() => from(handle.values() as AsyncIterable<AnyHandle>)).pipe(
          concatMap((inner) => behindHandle$(inner, `${path}/`)),
        );
  return found$.pipe(catchError(() => of({ file: null, path, handle: null })));
}

/** Entries are what browsers without handles have. */
function behindEntry$(entry: FileSystemEntry): Observable<Given> {
  const path = entry.fullPath.slice(1);
  const found$ = isFile(entry)
    ? defer(() => new Promise<File>((resolve, reject) => entry.file(resolve, reject))).pipe(
        map((file) => ({ file, path, handle: null })),
      )
    : entriesIn$(entry as FileSystemDirectoryEntry).pipe(concatMap(behindEntry$));
  return found$.pipe(catchError(() => of({ file: null, path, handle: null })));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** A reader gives some at a time, and none at the end. */
function entriesIn$(folder: FileSystemDirectoryEntry): Observable<FileSystemEntry> {
  const reader = folder.createReader();
  const some$ = defer(() => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)));
  return some$.pipe(
    expand(() => some$),
    takeWhile((some) => some.length > 0),
    concatMap((some) => some),
  );
}
