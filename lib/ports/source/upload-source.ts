import type { ObservableInput } from 'rxjs';
import type { RequestBody } from '../transport/transport.js';

/** Where the bytes come from. `File` and `Blob` are accepted as they are; others implement this port. */
export interface UploadSource {
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
