import { defer, map, type Observable } from 'rxjs';

/** More than the first elements of a recording take. */
const HEAD_BYTES = 4096;

/**
 * The first part of a recording with the duration in its header: a recorder writes a WebM file before it knows how long
 * it will be. Anything else than what recorders write stays as it is.
 */
export function withDuration$(firstPart: Blob, seconds: number): Observable<Blob> {
  return defer(() => firstPart.slice(0, HEAD_BYTES).arrayBuffer()).pipe(
    map((head) => writeDuration(new Uint8Array(head), seconds)),
    map((head) =>
      head === null ? firstPart : new Blob([head, firstPart.slice(HEAD_BYTES)], { type: firstPart.type }),
    ),
  );
}

// https://www.rfc-editor.org/rfc/rfc9559 (Matroska) and https://www.rfc-editor.org/rfc/rfc8794 (EBML)
const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const DEFAULT_SCALE_NS = 1_000_000;

/**
 * The beginning of a WebM file with a Duration; null if it is not one, or if other positions in it would be wrong
 * afterwards: only a Segment of unknown size that begins with its Info is sure to have none.
 */
export function writeDuration(head: Uint8Array, seconds: number): Uint8Array<ArrayBuffer> | null {
  const ebml = elementAt(head, 0);
  const segment = ebml?.id === EBML ? elementAt(head, ebml.end) : null;
  const info = segment?.id === SEGMENT && segment.isOpen ? elementAt(head, segment.content) : null;
  if (info?.id !== INFO || info.isOpen || info.end > head.length) return null;

  const children = elementsIn(head, info.content, info.end);
  const scale = children.find(({ id }) => id === TIMESTAMP_SCALE);
  const scaleNs = scale === undefined ? DEFAULT_SCALE_NS : numberIn(head.subarray(scale.content, scale.end));
  const others = children.filter(({ id }) => id !== DURATION).map(({ start, end }) => head.subarray(start, end));
  const content = joined([...others, durationOf((seconds * 1e9) / scaleNs)]);
  return joined([
    head.subarray(0, info.start),
    head.subarray(info.start, info.start + 4),
    sizeOf(content.length),
    content,
    head.subarray(info.end),
  ]);
}

interface Element {
  readonly id: number;
  readonly start: number;
  readonly content: number;
  /** Of what is open, the beginning of its content. */
  readonly end: number;
  /** Its size was not known when it was begun. */
  readonly isOpen: boolean;
}

function elementAt(bytes: Uint8Array, start: number): Element | null {
  const sizeStart = start + lengthAt(bytes, start);
  const content = sizeStart + lengthAt(bytes, sizeStart);
  if (content > bytes.length || content === start) return null;
  const [first = 0, ...others] = bytes.subarray(sizeStart, content);
  // Without the bit that marks the length.
  const size = numberIn([first & (0x7f >> others.length), ...others]);
  const isOpen = size === 2 ** (7 * (content - sizeStart)) - 1;
  const id = numberIn(bytes.subarray(start, sizeStart));
  return { id, start, content, end: isOpen ? content : content + size, isOpen };
}

function elementsIn(bytes: Uint8Array, start: number, end: number): readonly Element[] {
  const elements: Element[] = [];
  for (let at = start; at < end;) {
    const element = elementAt(bytes, at);
    if (element === null) break;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** How many bytes a number of variable size has: the zeros that it begins with, and one. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return Math.clz32(bytes[at] ?? 0) - 24 + 1;
}

function numberIn(bytes: Iterable<number>): number {
  return Array.from(bytes).reduce((number, byte) => number * 256 + byte, 0);
}

function sizeOf(length: number): Uint8Array {
  const size = new Uint8Array(8);
  size[0] = 1;
  new DataView(size.buffer).setUint32(4, length);
  return size;
}

function durationOf(ticks: number): Uint8Array {
  const element = Uint8Array.of(0x44, 0x89, 0x88, 0, 0, 0, 0, 0, 0, 0, 0);
  new DataView(element.buffer).setFloat64(3, ticks);
  return element;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
