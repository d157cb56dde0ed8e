import type { ObservableInput } from 'rxjs';
import type { UploadLock } from '../lock/upload-lock.js';
import type { StreamSpool } from '../spool/stream-spool.js';

/** What is known of a stream, and how it is stored. */
export interface StreamSourceOptions {
  /** The object's content type is derived from it if neither `type` nor the key has one. */
  readonly name?: string | undefined;
  /** MIME type */
  readonly type?: string | undefined;
  /**
   * Stores what the server does not have yet in the browser, so that `recallStream$` gives it back after a reload. Then
   * the upload is begun at once, so that `pendingUploads$` lists it: even a short stream goes in parts. Give the upload a
   * `checkpointStore` as well.
   */
  readonly spool?: StreamSpool | undefined;
  /**
   * With a `spool`: held from the first upload on until the object is complete, or until the stream has ended and nothing
   * uploads it. Meanwhile `recallStream$` waits, in other tabs and in this one. null: none.
   * @defaultValue a Web Lock where the browser has them
   */
  readonly lock?: UploadLock | null | undefined;
  /**
   * Bytes that are stored in memory at most while the server does not have them: an Observable that produces faster than they are
   * sent, or while the upload is paused, fails with a `SourceError` beyond it. What was produced until then can still be
   * sent.
   * @defaultValue 256 MiB
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * Replaces the first part when all others are sent, before the object is completed: a recording can get a header with
   * its duration. What it emits first is sent as part 1, of 100 KiB at least (5 MiB on most S3 stores) unless it is the
   * only part; some stores need it to be as long as the others. The first part stays stored until then. If the upload is
   * resumed, it is called again, with the same bytes.
   */
  readonly finalize?: ((firstPart: Blob) => ObservableInput<Blob>) | undefined;
}
