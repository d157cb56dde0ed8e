import type { ObservableInput } from 'rxjs';
import { isBytes } from '../../model/kinds.js';
import { readBlob$ } from '../read-blob.js';
import type { RequestBody } from '../transport/transport.js';
import type { StreamBuffer } from './stream-buffer.js';
import { released } from './stream-errors.js';

/** As `slice` of a source. @throws SourceError if the bytes are no longer stored */
export function sliceOf(buffer: StreamBuffer, start: number, end: number): RequestBody {
  const chunk = buffer.slice(start, end);
  if (chunk === null) throw released();
  // A Blob's type would be sent as a Content-Type that was not signed.
  return isBytes(chunk) || chunk.type === '' ? chunk : chunk.slice(0, chunk.size, '');
}

/** As `read` of a source. @throws SourceError if the bytes are no longer stored */
export function readFrom(buffer: StreamBuffer, start: number, end: number): ObservableInput<Uint8Array> {
  const chunk = buffer.read(start, end);
  if (chunk === null) throw released();
  return isBytes(chunk) ? [chunk] : readBlob$(chunk);
}
