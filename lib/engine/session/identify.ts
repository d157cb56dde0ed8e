import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  map,
  mergeMap,
  Observable,
  of,
  tap,
  throwError,
  toArray,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { SourceError } from '../../model/errors/errors.js';
import { sameBytes, toHex, utf8 } from '../../bytes.js';
import { pieces$ } from '../../ports/hash/hasher.js';
import { createMd5, md5Hex } from '../../ports/hash/md5.js';
import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';
import { KIB, sampleRanges } from '../../model/checkpoint/parts.js';
import { isGrowing } from '../parts/growing.js';
import { changed, readRange$ } from '../parts/read-source.js';
import type { Digest } from '../../ports/hash/digest.js';
import type { Reading } from '../upload.js';

const PIECE_BYTES: number = 16 * KIB;

/** What distinguishes this file from others: its name, size, date, and a few slices of its content. */
export interface IdentifiedFile {
  readonly name: string | null;
  /** null: a stream that has not ended */
  readonly size: number | null;
  readonly lastModified: number | null;
  readonly slices: readonly Uint8Array[];
  /** MD5 (hex) over the slices; the id of a stream; empty while it is not known. */
  readonly content: string;
}

export function identify$(upload: Reading): Observable<IdentifiedFile> {
  const { source } = upload;
  const file = unidentified(upload);
  // Its end may be lost: what was recorded of it then ends before a gap.
  if (isGrowing(source)) return of({ ...file, size: null, content: source.id });
  return defer(() => {
    const md5 = createMd5();
    return slices$(upload, source.size).pipe(
      hashedInPieces(md5),
      toArray(),
      map((slices) => ({ ...file, slices, content: toHex(md5.digest()) })),
    );
  });
}

/**
 * Adds bytes to a digest before they are passed on: where they are read in another task, in pieces of a task each, as
 * responses should not wait for them. Where code is cold, a piece takes some milliseconds.
 */
function hashedInPieces(digest: Digest): MonoTypeOperatorFunction<Uint8Array> {
  return (bytes$) =>
    new Observable((subscriber) => {
      let isSynchronous = true;
      subscriber.add(
        bytes$
          .pipe(
            concatMap((bytes) =>
              (isSynchronous ? of(bytes) : pieces$(bytes, PIECE_BYTES)).pipe(
                tap((piece) => digest.update(piece)),
                ignoreElements(),
                endWith(bytes),
              ),
            ),
          )
          .subscribe(subscriber),
      );
      isSynchronous = false;
    });
}

/** What is known of a file before it is read. */
export function unidentified({ source, size, lastModified }: Reading): IdentifiedFile {
  return { name: source.name, size, lastModified, slices: [], content: '' };
}

/**
 * Completes if the file has not changed since it was identified, otherwise fails with a `SourceError`: Firefox reads
 * from a file that was overwritten, without an error. A file that can no longer be read is accepted: it has been sent.
 */
export function unchanged$(upload: Reading, { slices }: IdentifiedFile): Observable<never> {
  const { source } = upload;
  if (isGrowing(source)) return EMPTY;
  return slices$(upload, upload.size ?? source.size).pipe(
    toArray(),
    catchError((error: unknown) => (isUnreadable(error) ? EMPTY : throwError(() => error))),
    mergeMap((now) => (now.every((bytes, i) => sameBytes(bytes, slices[i])) ? EMPTY : throwError(changed))),
  );
}

function slices$(upload: Reading, size: number): Observable<Uint8Array> {
  return defer(() => from(sampleRanges(size))).pipe(
    concatMap(([start, end]) => readRange$(upload, start, end)),
    // A source may reuse its buffer. `slice` of a Node Buffer would not copy it.
    map((bytes) => new Uint8Array(bytes)),
  );
}

/**
 * The file's identity in a checkpoint. The sample covers the part size, so nobody without the file can change the part
 * size of a checkpoint, and with it the positions of the parts.
 */
export function identityOf({ name, size, lastModified, content }: IdentifiedFile, partSize: number): FileIdentity {
  const sample = content === '' ? '' : md5Hex(utf8(`${content} ${partSize}`));
  return { name, size, lastModified, sample };
}

function isUnreadable(error: unknown): boolean {
  return error instanceof SourceError && error.code === 'source-unreadable';
}

/** Compares size and a sample of the bytes (of a stream, its id), not the name. Without a sample no part is vouched for. */
export function hasSameContent(now: FileIdentity, then: FileIdentity): boolean {
  return agree(now.size, then.size) && (then.sample === '' || now.sample === then.sample);
}

/** A Blob has neither name nor date, a stream no size before its end: what is unknown cannot differ. */
export function hasSameName(
  now: Pick<FileIdentity, 'name' | 'lastModified'>,
  then: Pick<FileIdentity, 'name' | 'lastModified'>,
): boolean {
  return agree(now.name, then.name) && agree(now.lastModified, then.lastModified);
}

function agree<T>(now: T | null, then: T | null): boolean {
  return now === null || then === null || now === then;
}

export function otherFile(): SourceError {
  return new SourceError(
    'source-changed',
    'This is not the file that the checkpoint belongs to, or it has changed since. Choose the same file, or start ' +
      'without the checkpoint.',
  );
}

export function otherName(): SourceError {
  return new SourceError(
    'source-changed',
    'The file has another name or date than the one that the checkpoint belongs to. If it is the same file (a phone ' +
      "gives it new ones), resume with verifyResume: 'parts', which compares its content; else choose the same file, " +
      'or start without the checkpoint.',
  );
}
