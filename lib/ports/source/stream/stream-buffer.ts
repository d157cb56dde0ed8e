import { isBytes } from '../../../model/kinds.js';
import type { RecordedChunk } from '../../spool/stream-spool.js';

/** What a stream consists of. */
export type Chunk = Blob | Uint8Array;

/** The bytes of a stream that are still needed, by their position. */
export interface StreamBuffer {
  /** Where the next chunk begins. */
  readonly end: number;
  readonly storedBytes: number;
  append(chunk: Chunk): void;
  /** Puts a chunk where it was. */
  restore(start: number, chunk: Chunk): void;
  /** The bytes as one chunk; null if some are no longer stored. */
  read(start: number, end: number): Chunk | null;
  /** As `read`, for a range that is read again: the chunk replaces those that its bytes came in. */
  slice(start: number, end: number): Chunk | null;
  /** What is stored of a range, in the chunks that its bytes came in. */
  pieces(start: number, end: number): readonly RecordedChunk[];
  release(start: number, end: number): void;
  /** The stream consists of this chunk alone. */
  replaceAll(chunk: Chunk): void;
}

interface Piece extends RecordedChunk {
  readonly end: number;
}

/** @param start - where the first chunk begins */
export function createStreamBuffer(start = 0): StreamBuffer {
  let pieces: Piece[] = [];
  let position = start;
  let storedBytes = 0;

  const within = (from: number, to: number): Piece[] =>
    pieces
      .filter((piece) => piece.start < to && piece.end > from)
      .map((piece) => cut(piece, Math.max(from, piece.start), Math.min(to, piece.end)));

  const replace = (from: number, to: number, by: readonly Piece[]): void => {
    pieces = [...within(0, from), ...by, ...within(to, position)];
  };

  const append = (chunk: Chunk): void => {
    const size = sizeOf(chunk);
    if (size === 0) return;
    pieces.push({ start: position, end: position + size, chunk });
    position += size;
    storedBytes += size;
  };

  return {
    get end() {
      return position;
    },
    get storedBytes() {
      return storedBytes;
    },
    append,
    restore(from, chunk) {
      const to = from + sizeOf(chunk);
      replace(from, to, [{ start: from, end: to, chunk }]);
      position = Math.max(position, to);
      storedBytes += to - from;
    },
    read(from, to) {
      const found = within(from, to);
      return bytesIn(found) < to - from ? null : join(found.map(({ chunk }) => chunk));
    },
    slice(from, to) {
      const found = within(from, to);
      if (bytesIn(found) < to - from) return null;
      const chunk = join(found.map((piece) => piece.chunk));
      if (found.length > 1) replace(from, to, [{ start: from, end: to, chunk }]);
      return chunk;
    },
    pieces: within,
    release(from, to) {
      storedBytes -= bytesIn(within(from, to));
      replace(from, to, []);
    },
    replaceAll(chunk) {
      pieces = [];
      position = storedBytes = 0;
      append(chunk);
    },
  };
}

function bytesIn(pieces: readonly Piece[]): number {
  return pieces.reduce((bytes, { start, end }) => bytes + end - start, 0);
}

export function sizeOf(chunk: Chunk): number {
  return isBytes(chunk) ? chunk.byteLength : chunk.size;
}

function cut({ start, end, chunk }: Piece, from: number, to: number): Piece {
  if (from === start && to === end) return { start, end, chunk };
  const [first, last] = [from - start, to - start];
  return { start: from, end: to, chunk: isBytes(chunk) ? chunk.subarray(first, last) : chunk.slice(first, last) };
}

/** Blobs stay Blobs, which a browser may store on disk. */
function join(chunks: readonly Chunk[]): Chunk {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  if (!chunks.every(isBytes)) return new Blob(chunks as BlobPart[]);
  const joined = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}
