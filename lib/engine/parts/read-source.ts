import { concat, concatMap, defer, ignoreElements, of, throwError, type Observable, type ObservableInput } from 'rxjs';
import { mapError } from '../../map-error.js';
import type { HashAlgorithm } from '../../model/checksum.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { SourceError } from '../../model/errors/errors.js';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import { sizeOfBody } from '../../protocol/obs-request.js';
import { piecewiseHasher } from '../../ports/hash/hasher.js';
import { firstValue$ } from '../../ports/from-port.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { SLOWEST_BYTES_PER_MS } from '../call/attempt.js';
import type { Hashing, Reading, SizedUpload } from '../upload.js';
import { isGrowing } from './growing.js';
import type { CheckedTransform } from '../../ports/source/transform-parts.js';

/** A part's bytes as a body. @throws SourceError if the file has changed since the upload began */
export function sliceOf(upload: Reading, { start, end }: PlannedPart): RequestBody {
  return bodyOf(upload, () => upload.source.slice(start, end), end - start);
}

/** The entire file as the body of one PUT. @throws SourceError as `sliceOf` */
export function entireBodyOf(upload: SizedUpload): RequestBody {
  const { source, object, size } = upload;
  const whole = object.contentType && !isGrowing(source) ? source.whole : undefined;
  return bodyOf(upload, () => whole ?? source.slice(0, size), size);
}

function bodyOf({ source, size, lastModified }: Reading, cut: () => RequestBody, bytes: number): RequestBody {
  const hasChanged = source.size !== size || source.lastModified !== lastModified;
  if (hasChanged && !isGrowing(source)) throw changed();
  let body: RequestBody;
  try {
    body = cut();
  } catch (cause) {
    throw unreadable(cause);
  }
  if (sizeOfBody(body) !== bytes) throw changed();
  return body;
}

/** The bytes of a range; a `SourceError` if they cannot be read or some are missing. */
export function readRange$({ source, stallTimeoutMs }: Reading, start: number, end: number): Observable<Uint8Array> {
  const silent = (): Error => new Error('Reading the source took too long.');
  const empty = (): Error => new Error('The source completed without bytes.');
  return firstValue$(() => source.read(start, end), {
    port: 'sourceFile',
    withinMs: stallTimeoutMs,
    silent,
    empty,
  }).pipe(
    mapError(unreadable),
    concatMap((bytes) => (bytes.length === end - start ? of(bytes) : throwError(changed))),
  );
}

/**
 * Completes if the first and the last byte of a part can still be read, otherwise fails with a `SourceError`: a browser
 * that cannot read a file reports only a network error (Chromium), or never sends anything (Firefox, WebKit).
 */
export function probe$(upload: Reading, part: PlannedPart): Observable<never> {
  return defer(() => {
    sliceOf(upload, part);
    const { start, end } = part;
    if (start === end) return readRange$(upload, start, end).pipe(ignoreElements());
    return concat(readRange$(upload, start, start + 1), readRange$(upload, end - 1, end)).pipe(ignoreElements());
  });
}

/** The MD5 of a body, 16 bytes. */
export function md5$(upload: Hashing, body: RequestBody): Observable<Uint8Array> {
  return digest$(upload, 'md5', body);
}

/** A digest of a body; a `SourceError` if the body cannot be read or the hasher does not respond. */
export function digest$(
  { hasher, stallTimeoutMs }: Hashing,
  algorithm: HashAlgorithm,
  body: RequestBody,
): Observable<Uint8Array> {
  const withinMs = stallTimeoutMs + Math.ceil(sizeOfBody(body) / SLOWEST_BYTES_PER_MS);
  const silent = (): Error => new Error('The hasher took too long.');
  const empty = (): Error => new Error('The hasher completed without a digest.');
  const digest = (): ObservableInput<Uint8Array> => {
    if (algorithm === 'md5') return hasher.md5(body);
    return hasher.checksum === undefined
      ? piecewiseHasher().checksum(algorithm, body)
      : hasher.checksum(algorithm, body);
  };
  return firstValue$(digest, { port: 'hasher', withinMs, silent, empty }).pipe(mapError(unhashable));
}

function unhashable(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  const message = 'The checksum of a part could not be computed: the file cannot be read, or the hasher failed.';
  return new SourceError('source-unreadable', message, { cause });
}

function unreadable(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  const message = 'The file can no longer be read: it was changed, moved or deleted. Choose it again.';
  return new SourceError('source-unreadable', message, { cause });
}

export function changed(): SourceError {
  return new SourceError(
    'source-changed',
    'The file has changed since the upload began, so the parts would not fit together. Start a new upload.',
    { resumable: false },
  );
}

/** The body of a part whose bytes are transformed before they are sent. */
export function transformed$(upload: Reading, transform: CheckedTransform, part: PlannedPart): Observable<RequestBody> {
  return readRange$(upload, part.start, part.end).pipe(
    concatMap((bytes) => transform.transformed$(bytes, part.partNumber, upload.stallTimeoutMs)),
  );
}

/** How many bytes a part has when it is sent. */
export function sentSize(transform: CheckedTransform | null, { start, end }: PlannedPart): number {
  return end - start + (transform?.overheadBytes ?? 0);
}

/** How many bytes the parts have together when they are sent. */
export function sentBytes(transform: CheckedTransform | null, bytes: number, partCount: number): number {
  return bytes + partCount * (transform?.overheadBytes ?? 0);
}

export function objectSize({ transform, size, partCount }: SizedUpload): number {
  return sentBytes(transform, size, partCount);
}
