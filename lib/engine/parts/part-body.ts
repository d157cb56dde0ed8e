import { catchError, concatMap, map, throwError, type Observable } from 'rxjs';
import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { SourceError } from '../../model/errors/source-error.js';
import { isBytes } from '../../model/kinds.js';
import type { PlannedPart } from '../../model/parts.js';
import { firstValue$ } from '../../ports/first-value.js';
import type { PartTransform } from '../../ports/source/upload-source.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import type { Reading, SizedUpload } from '../upload.js';
import { readRange$ } from './read-source.js';

/** The body of a part whose bytes are transformed before they are sent. */
export function transformed$(upload: Reading, transform: PartTransform, part: PlannedPart): Observable<RequestBody> {
  const { partNumber, start, end } = part;
  const expected = end - start + transform.overheadBytes;
  return readRange$(upload, start, end).pipe(
    concatMap((bytes) =>
      firstValue$(() => transform.transform(bytes, partNumber), {
        port: 'transform',
        withinMs: upload.stallTimeoutMs,
        silent: () => new Error('The transformation took too long.'),
        empty: () => new Error('The transformation completed without bytes.'),
      }).pipe(
        catchError((cause: unknown) => throwError(() => failed(cause))),
        map((body) => {
          if (isBytes(body) && body.length === expected) return body;
          throw wrongSize(partNumber, expected);
        }),
      ),
    ),
  );
}

/** How many bytes a part has when it is sent. */
export function sentSize(transform: PartTransform | null, { start, end }: PlannedPart): number {
  return end - start + (transform?.overheadBytes ?? 0);
}

/** How many bytes the parts have together when they are sent. */
export function sentBytes(transform: PartTransform | null, bytes: number, partCount: number): number {
  return bytes + partCount * (transform?.overheadBytes ?? 0);
}

function failed(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  return new SourceError('source-unreadable', 'A part could not be transformed: transform failed.', { cause });
}

function wrongSize(partNumber: number, expected: number): InvalidOptionsError {
  return new InvalidOptionsError(
    'transform',
    `transform must return ${expected} bytes (Uint8Array) for part ${partNumber}: those that it got and overheadBytes more.`,
  );
}

export function objectSize({ transform, size, partCount }: SizedUpload): number {
  return sentBytes(transform, size, partCount);
}
