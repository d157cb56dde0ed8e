import type { ObservableInput } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';

/**
 * Port: stores what a stream has produced and the server does not have yet, so that it outlives the page. `save`, `append`,
 * `acknowledge` and `remove` are done when they complete, in the order of the calls. After one that fails, and after half
 * a minute in which none completes, the upload emits a `warning` and stores nothing more. The first value of `load` and
 * `list` counts.
 */
export interface StreamSpool {
  /** Describes a stream: when it begins, and when it has ended. */
  readonly save: (stream: SpooledStream) => ObservableInput<unknown>;
  /** Stores a chunk, which may be empty, in place of one at the same position. @param start - its position in the stream */
  readonly append: (id: string, start: number, chunk: Blob | Uint8Array) => ObservableInput<unknown>;
  /**
   * Stores that the server has a part.
   * @param released - the positions of chunks that are not needed any more
   */
  readonly acknowledge: (id: string, part: UploadedPart, released: readonly number[]) => ObservableInput<unknown>;
  /** Empty if there is no such stream. */
  readonly load: (id: string) => ObservableInput<StreamRecording>;
  /** @returns one array of the ids of all streams */
  readonly list: () => ObservableInput<readonly string[]>;
  /** Deletes a stream with all its chunks. Another page may still append to it: nothing of that is stored. */
  readonly remove: (id: string) => ObservableInput<unknown>;
}

/** A stream in a spool. */
export interface SpooledStream {
  /** Names the stream in the spool. */
  readonly id: string;
  /** null if it has none. */
  readonly name: string | null;
  /** MIME type; empty if unknown */
  readonly type: string;
  /** bytes; null until the stream has ended */
  readonly size: number | null;
}

/** What is stored of a stream. */
export interface StreamRecording extends SpooledStream {
  /** Those that are still needed. */
  readonly chunks: readonly RecordedChunk[];
  /** Parts that the server has. */
  readonly acknowledged: readonly UploadedPart[];
}

/** A piece of a stream in a spool. */
export interface RecordedChunk {
  /** Its position in the stream. */
  readonly start: number;
  /** Its bytes. */
  readonly chunk: Blob | Uint8Array;
}
