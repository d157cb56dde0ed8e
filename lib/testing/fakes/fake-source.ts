import { defer, of, throwError, type Observable } from 'rxjs';
import type { SizedSource, UploadSource } from '../../ports/source/upload-source.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { contentOf } from '../bytes/content.js';
import { lazyBody } from '../bytes/lazy-body.js';
import { collect, type Pieces } from '../bytes/pieces.js';

/** The properties of a fake file. */
export interface FakeSourceOptions {
  /** @defaultValue 'fake.bin' */
  readonly name?: string | null | undefined;
  /** bytes; any size, as only requested slices are generated. @defaultValue the length of `bytes`, else 0 */
  readonly size?: number | undefined;
  /** An integer that determines the bytes. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** The content, instead of bytes generated from `seed`. */
  readonly bytes?: Uint8Array | undefined;
  /** MIME type. @defaultValue '' */
  readonly type?: string | undefined;
  /** epoch milliseconds. @defaultValue 1,700,000,000,000 */
  readonly lastModified?: number | null | undefined;
  /** Slices larger than this many bytes are generated in chunks while they are sent. @defaultValue 16 MiB */
  readonly lazyAboveBytes?: number | undefined;
}

/** Which bytes cannot be read, and the error. */
export interface ReadFailure {
  /** First byte. @defaultValue 0 */
  readonly from?: number | undefined;
  /** The byte after the last one. @defaultValue the end */
  readonly to?: number | undefined;
  /** @defaultValue a NotReadableError, as in browsers for a file that has changed or is gone */
  readonly error?: Error | undefined;
}

/** A fake file whose content can be changed, made unreadable or cut short while it is uploaded. */
export interface FakeSource extends SizedSource {
  /** Ranges that have been read, `[start, end]` each, in order. */
  readonly reads: readonly (readonly [start: number, end: number])[];
  /** Ranges of the requested slices, in order. */
  readonly slices: readonly (readonly [start: number, end: number])[];
  /** Changes the file: other bytes (`seed` or `bytes`), `size` or `lastModified`; earlier slices have the old bytes. */
  edit(change: Pick<FakeSourceOptions, 'seed' | 'bytes' | 'size' | 'lastModified'>): void;
  /** From now on reading any of these bytes fails. */
  failReads(failure?: ReadFailure): void;
  /** From now on each slice and read returns this many bytes fewer than requested. */
  shortenReads(byBytes: number): void;
  /** Ends `failReads` and `shortenReads`. */
  heal(): void;
}

/**
 * A fake file of any size: its bytes depend on `seed` and position, are read synchronously, and are generated on
 * demand.
 *
 * @example
 * ```ts
 * const file = fakeSource({ name: 'a.mp4', size: 40 * 1024 ** 2 });
 * file.failReads({ from: 20 * 1024 ** 2 });
 * ```
 */
export function fakeSource(options: FakeSourceOptions = {}): FakeSource {
  let content = contentOf(options, options.size);
  let lastModified = options.lastModified === undefined ? 1_700_000_000_000 : options.lastModified;
  let failure: ReadFailure | null = null;
  let missing = 0;
  const reads: [number, number][] = [];
  const slices: [number, number][] = [];
  const lazyAbove = options.lazyAboveBytes ?? 16 * 1024 * 1024;

  const piecesOf = (start: number, end: number): Pieces => {
    const pieces = content.pieces(start, Math.max(start, Math.min(end, content.size) - missing));
    const range = { start, end };
    return {
      size: pieces.size,
      chunks() {
        if (failure !== null && concerns(failure, range)) throw failure.error ?? notReadable();
        return pieces.chunks();
      },
    };
  };

  const source: FakeSource = {
    name: options.name === undefined ? 'fake.bin' : options.name,
    type: options.type ?? '',
    get size() {
      return content.size;
    },
    get lastModified() {
      return lastModified;
    },
    reads,
    slices,
    slice(start, end): RequestBody {
      slices.push([start, end]);
      const pieces = piecesOf(start, end);
      const isPlain = pieces.size <= lazyAbove && (failure === null || !concerns(failure, { start, end }));
      return isPlain ? collect(pieces) : lazyBody(pieces);
    },
    read: (start, end): Observable<Uint8Array> =>
      defer(() => {
        reads.push([start, end]);
        try {
          return of(collect(piecesOf(start, end)));
        } catch (error) {
          return throwError(() => error);
        }
      }),
    edit(change) {
      content = contentOf({ ...options, ...change }, change.size ?? (change.bytes ? undefined : content.size));
      if (change.lastModified !== undefined) lastModified = change.lastModified;
    },
    failReads: (next = {}) => void (failure = next),
    shortenReads: (byBytes) => void (missing = byBytes),
    heal() {
      failure = null;
      missing = 0;
    },
  };
  rememberBytes(source, () => content.pieces(0, content.size));
  return source;
}

/**
 * All current bytes of a fake source, or those that a fake stream produces; regardless of faults, to compare with an
 * object.
 *
 * @example
 * ```ts
 * expect(fake.object('a.bin')?.bytes).toEqual(bytesOf(sourceFile));
 * ```
 */
export function bytesOf(source: UploadSource): Uint8Array {
  const pieces = contents.get(source)?.();
  if (pieces === undefined) throw new TypeError('bytesOf reads what fakeSource and fakeStream made.');
  return collect(pieces);
}

const contents = new WeakMap<UploadSource, () => Pieces>();

export function rememberBytes(source: UploadSource, pieces: () => Pieces): void {
  contents.set(source, pieces);
}

function concerns(failure: ReadFailure, range: { readonly start: number; readonly end: number }): boolean {
  return range.end > (failure.from ?? 0) && range.start < (failure.to ?? Infinity);
}

function notReadable(): Error {
  return Object.assign(new Error('The file could not be read.'), { name: 'NotReadableError' });
}
