import type { ObservableInput } from 'rxjs';
import type { RequestBody } from '../transport/transport.js';

/** Where the bytes come from. `File` and `Blob` are taken as they are; others come through this port. */
export interface UploadSource {
  /** The file's name, where it has one: part of its identity, and the key's fallback for the content type. */
  readonly name: string | null;
  /** bytes */
  readonly size: number;
  /** epoch milliseconds; null where unknown */
  readonly lastModified: number | null;
  /** MIME type; empty where unknown */
  readonly type: string;
  /** The bytes from `start` up to (not including) `end` as a request body; reads nothing yet. */
  slice(start: number, end: number): RequestBody;
  /**
   * All of the bytes as a request body, where that is cheaper to send than a slice of them all. It may have a type of
   * its own, so it goes only with a request that names its Content-Type.
   */
  readonly whole?: RequestBody;
  /** Reads the bytes from `start` up to (not including) `end`: the first value counts. Fails when they cannot be read. */
  read(start: number, end: number): ObservableInput<Uint8Array>;
}
