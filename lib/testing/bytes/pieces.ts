/** Bytes that are generated or looked up on demand. */
export interface Pieces {
  /** bytes */
  readonly size: number;
  chunks(): Iterable<Uint8Array>;
}

export function piecesOf(...chunks: readonly Uint8Array[]): Pieces {
  return { size: chunks.reduce((size, chunk) => size + chunk.length, 0), chunks: () => chunks };
}

/** Concatenates without copying. */
export function joinPieces(pieces: readonly Pieces[]): Pieces {
  return {
    size: pieces.reduce((size, piece) => size + piece.size, 0),
    *chunks() {
      for (const piece of pieces) yield* piece.chunks();
    },
  };
}

/** The bytes from `start` up to (not including) `end` in one array. */
export function collect(pieces: Pieces, start?: number, end: number = pieces.size): Uint8Array {
  const first = start ?? 0;
  const bytes = new Uint8Array(end - first);
  let offset = 0;
  for (const chunk of pieces.chunks()) {
    const from = Math.max(first, offset);
    const to = Math.min(end, offset + chunk.length);
    if (from < to) bytes.set(chunk.subarray(from - offset, to - offset), from - first);
    offset += chunk.length;
    if (offset >= end) break;
  }
  return bytes;
}
