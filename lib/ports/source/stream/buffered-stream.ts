import { map } from 'rxjs';
import type { UploadedPart } from '../../../model/checkpoint/checkpoint.js';
import { isBytes } from '../../../model/kinds.js';
import type { PlannedPart } from '../../../model/checkpoint/parts.js';
import { readBlob$ } from '../../read-blob.js';
import { blobSource } from '../blob-source.js';
import { finalFirstPart$, runUpload } from './run-upload.js';
import type { StreamBuffer } from './stream-buffer.js';
import { partsGone, partsReleased, released } from './stream-errors.js';
import { partsOfStream } from './stream-parts.js';
import type { StreamedSource } from '../streamed-source.js';

/** Where the bytes of a stream come from, and what has to be done there when the upload no longer needs them. */
export interface StreamOrigin extends Pick<
  StreamedSource,
  'id' | 'name' | 'type' | 'isSpooled' | 'size' | 'availableBytes' | 'warning$' | 'grown$' | 'claim' | 'reach'
> {
  /** Parts that the server has; the stream adds to them. */
  readonly acknowledged: UploadedPart[];
  /** As the stream's; null once it has been used. */
  readonly finalize: StreamedSource['finalize'];
  /** @param isNeeded - for `finalize`, so its bytes stay */
  onAcknowledged(part: UploadedPart, range: PlannedPart, isNeeded: boolean): void;
  onReplaced(bytes: Blob): void;
  onFinished(): void;
}

/** A stream whose bytes are in a buffer until the server has them. */
export function bufferedStream(origin: StreamOrigin, buffer: StreamBuffer): StreamedSource {
  const { id, name, type, isSpooled, warning$, grown$, acknowledged } = origin;
  let { finalize } = origin;

  const source: StreamedSource = {
    id,
    name,
    type,
    lastModified: null,
    isSpooled,
    warning$,
    grown$,
    acknowledged,
    get size() {
      return origin.size;
    },
    get availableBytes() {
      return origin.availableBytes;
    },
    get finalize() {
      return finalize;
    },
    claim: () => origin.claim(),
    reach: (bytes) => origin.reach(bytes),
    slice(start, end) {
      const chunk = buffer.slice(start, end);
      if (chunk === null) throw released();
      // A Blob's type would be sent as a Content-Type that was not signed.
      return isBytes(chunk) || chunk.type === '' ? chunk : chunk.slice(0, chunk.size, '');
    },
    read(start, end) {
      const chunk = buffer.read(start, end);
      if (chunk === null) throw released();
      // A copy: a transformation may work in place, and its part may have to be sent again.
      return isBytes(chunk) ? [new Uint8Array(chunk)] : readBlob$(chunk);
    },
    stored: (start, end) => buffer.pieces(start, end),
    acknowledge(part, range) {
      acknowledged.push(part);
      const isNeeded = finalize !== null && part.partNumber === 1;
      if (!isNeeded) buffer.release(range.start, range.end);
      origin.onAcknowledged(part, range, isNeeded);
    },
    replace(bytes) {
      finalize = null;
      buffer.replaceAll(bytes);
      origin.onReplaced(bytes);
    },
    finish() {
      buffer.release(0, buffer.end);
      origin.onFinished();
    },
    run: (upload, run) => runUpload(source, upload, run),
    partsToSend: (partSize, uploaded) => partsOfStream(source, partSize, uploaded),
    finalFirstPart$: (size, withinMs) => finalFirstPart$(source, size, withinMs).pipe(map(blobSource)),
    requireEntire(next) {
      if (acknowledged.length > 0) throw next === 'restart' ? partsGone() : partsReleased();
    },
  };
  return source;
}
