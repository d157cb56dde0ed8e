import type { Observable, ObservableInput } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { StoreError } from '../../model/errors/errors.js';
import type { PlannedPart } from '../../model/checkpoint/parts.js';
import type { RequestBody } from '../transport/transport.js';

/**
 * Where the bytes come from. `File` and `Blob` are accepted as they are; `streamSource` makes a source of a stream,
 * `transformParts` one that changes the bytes of another.
 */
export type UploadSource = PlainSource | TransformedSource;

/** A source whose bytes are sent as they are. */
export type PlainSource = SizedSource | GrowingSource;

/** What happens to the bytes of each part before they are sent. */
export interface PartTransform {
  /** How many bytes more each part has afterwards. */
  readonly overheadBytes: number;
  /**
   * @param bytes - of one part, before the transformation
   * @param partNumber - 1 to 10,000
   * @returns the bytes to send; the first value counts
   */
  readonly transform: (bytes: Uint8Array, partNumber: number) => ObservableInput<Uint8Array>;
}

/** A source whose parts are transformed: what `transformParts` returns. */
export interface TransformedSource extends PartTransform {
  /** The original's name; null if it has none. */
  readonly name: string | null;
  /** The original's content type. */
  readonly type: string;
  /** The original's date, epoch milliseconds; null if it has none. */
  readonly lastModified: number | null;
  /** bytes before the transformation; null until a stream has ended */
  readonly size: number | null;
  /** The original. */
  readonly source: PlainSource;
}

/** A source whose bytes are all there: implement it for other kinds of files. */
export interface SizedSource {
  /**
   * The file's name, if it has one: part of its identity, and the content type is derived from it if the key has none.
   */
  readonly name: string | null;
  /** bytes */
  readonly size: number;
  /** epoch milliseconds; null if unknown */
  readonly lastModified: number | null;
  /** MIME type; empty if unknown */
  readonly type: string;
  /** The bytes from `start` up to (not including) `end` as a request body; reads nothing yet. */
  slice(start: number, end: number): RequestBody;
  /**
   * All bytes as a request body, if that is cheaper to send than a slice. It may have a type of its own, so it is used
   * only in requests with a Content-Type.
   */
  readonly whole?: RequestBody;
  /**
   * Reads the bytes from `start` up to (not including) `end`: the first value counts. Fails when they cannot be read.
   */
  read(start: number, end: number): ObservableInput<Uint8Array>;
}

/**
 * A source that is still being made: what `streamSource` returns. It stores what was produced until the server has it,
 * for one upload at a time.
 */
export interface GrowingSource {
  /** null if it has none. */
  readonly name: string | null;
  /** MIME type; empty if unknown */
  readonly type: string;
  /** It has none. */
  readonly lastModified: null;
  /** Distinguishes it from all other streams. */
  readonly id: string;
  /** bytes; null until the stream has ended */
  readonly size: number | null;
  /** Bytes produced so far. */
  readonly availableBytes: number;
  /** Whether its bytes are stored in a spool, so that they survive a reload. */
  readonly isSpooled: boolean;
  /** Emits an error when its bytes can no longer be stored there. */
  readonly warning$: Observable<StoreError>;
  /** Emits when there are more bytes, when the stream has ended, and when it has failed. */
  readonly grown$: Observable<void>;
  /** Replaces the first part before the object is completed. */
  readonly finalize: ((firstPart: Blob) => ObservableInput<Blob>) | null;
  /** Parts that the server has: their bytes are no longer stored. */
  readonly acknowledged: readonly UploadedPart[];
  /**
   * Begins an upload.
   * @returns what ends it
   * @throws InvalidOptionsError while another upload uses this source
   */
  claim(): () => void;
  /**
   * Completes once that many bytes have been produced or the stream has ended; fails as the stream does. What can be
   * read at the reader's pace is read no further than that.
   */
  reach(bytes: number): Observable<never>;
  /** As of a `SizedSource`. @throws SourceError if the bytes are no longer stored */
  slice(start: number, end: number): RequestBody;
  /** The bytes from `start` up to, not including, `end`. */
  read(start: number, end: number): ObservableInput<Uint8Array>;
  /** The server has the part: its bytes are not needed any more. */
  acknowledge(part: UploadedPart, range: PlannedPart): void;
  /** The stream ended within its first part: it is sent with these bytes instead, as `finalize` returned them. */
  replace(bytes: Blob): void;
  /** The object is complete. */
  finish(): void;
}
