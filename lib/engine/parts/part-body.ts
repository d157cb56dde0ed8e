import { concatMap, type Observable } from 'rxjs';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import type { CheckedTransform } from '../../ports/source/transform-parts.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import type { Reading, SizedUpload } from '../upload.js';
import { readRange$ } from './read-source.js';

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
