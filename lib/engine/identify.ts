import { catchError, concatMap, from, map, of, reduce, take, throwError, throwIfEmpty, type Observable } from 'rxjs';
import { isUploadError } from '../errors/is-upload-error.js';
import { SourceError } from '../errors/source-error.js';
import { toHex } from '../hash/bytes.js';
import { createMd5 } from '../hash/md5.js';
import type { FileIdentity } from '../model/checkpoint.js';
import { sampleRanges } from '../plan/sample-ranges.js';
import type { UploadSource } from '../source/upload-source.js';
import { deferOpen } from './defer-open.js';

/** What tells this file from another one: its name, size, date, and a few slices of its content. */
export function identify$(source: UploadSource): Observable<FileIdentity> {
  return from(sampleRanges(source.size)).pipe(
    concatMap(([start, end]) => readRange$(source, start, end)),
    reduce((md5, bytes) => md5.update(bytes), createMd5()),
    map((md5) => ({
      name: source.name,
      size: source.size,
      lastModified: source.lastModified,
      sample: toHex(md5.digest()),
    })),
  );
}

/** The bytes of a range; a `SourceError` where they cannot be read or are not all there. */
export function readRange$(source: UploadSource, start: number, end: number): Observable<Uint8Array> {
  return deferOpen(() => source.read(start, end)).pipe(
    take(1),
    throwIfEmpty(),
    catchError((cause: unknown) => throwError(() => unreadable(cause))),
    concatMap((bytes) => (bytes.length === end - start ? of(bytes) : throwError(() => changed(start, end)))),
  );
}

function unreadable(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SourceError(
    'source-unreadable',
    'The file can no longer be read: it was changed, moved or deleted. Choose it again.',
    {
      cause,
    },
  );
}

/** The file is not what it was when the upload began. */
export function changed(start: number, end: number): SourceError {
  return new SourceError(
    'source-changed',
    `The file has changed: bytes ${start} to ${end} are not all there any more. Start the upload anew.`,
    { resumable: false },
  );
}
