import type { Observable } from 'rxjs';
import type { CheckpointStore } from './ports/checkpoint-store/checkpoint-store.js';
import type { Hasher } from './ports/hash/hasher.js';
import type { UploadLock } from './ports/lock/upload-lock.js';
import type { UploadSource } from './ports/source/upload-source.js';
import type { UploadCheckpoint } from './model/checkpoint.js';
import type { ObjectOptions, SseCustomerKey, SseManaged } from './model/object-options.js';

/** What to upload, where to, and how. */
export type UploadRequest = UploadTarget & UploadOptions;

/**
 * A bucket and key, with or without a checkpoint of the same; or the checkpoint alone. By its type that may be null, so
 * that `{ ...request, uploadCheckpoint }` compiles for any request; without a bucket and key null is an
 * `InvalidOptionsError`.
 *
 * A checkpoint alone also decides which bucket and key the file goes to, with the connection's credentials: whoever can
 * write where it was stored can send the file to any place that these may write to. Give `bucket` and `key` as well,
 * from a source that you trust, and a checkpoint of another place is a `CheckpointError`.
 */
export type UploadTarget =
  | TargetOfNewUpload
  | { readonly bucket?: undefined; readonly key?: undefined; readonly uploadCheckpoint: UploadCheckpoint | null };

interface TargetOfNewUpload {
  readonly bucket: string;
  readonly key: string;
  /**
   * The upload to resume. It brings back what the object is (content type, metadata, storage class and the like), but
   * gives no rights: `callback` must be given again (else `InvalidOptionsError` before any request), as an SSE-C key
   * must; `acl`, `websiteRedirectLocation`, `expires` and `tagging` are needed again only where the upload is gone from
   * the server and has to restart, which fails with `InvalidOptionsError` without them.
   */
  readonly uploadCheckpoint?: UploadCheckpoint | null | undefined;
}

export interface UploadOptions extends Omit<ObjectOptions, 'sse'> {
  /**
   * The file. Nothing of it is read but four small slices that tell it from another. In Node use `fileSource$` of
   * `rx-obs-upload/node`: the Blob of `openAsBlob` has, in some versions of Node, a wrong size from 4 GiB on.
   */
  readonly sourceFile: Blob | UploadSource;
  /**
   * Bytes a part, 100 KiB to 5 GiB, raised by itself so that 10,000 parts are enough. A resume keeps the checkpoint's.
   * @defaultValue 9 MiB, and for files of more than 1,000 of those the whole MiB that make at most 1,000 parts
   */
  readonly partSize?: number | undefined;
  /**
   * Parts in flight at once, a positive integer. Of an Observable the last value holds; it counts as 1 until its
   * first. `auto` finds by throughput how many serve best, up to the connection's `maxConcurrentRequests`.
   * @defaultValue 1
   */
  readonly taskNum?: number | 'auto' | Observable<number> | undefined;
  /**
   * Where this upload's signing clock starts: a Date, ISO 8601 or RFC 822 text. A time learned from the service
   * replaces it.
   * @defaultValue the machine's clock
   */
  readonly requestDate?: Date | string | undefined;
  readonly retry?: RetryOptions | undefined;
  /**
   * Milliseconds without any progress after which a request is aborted and sent again.
   * @defaultValue 60,000
   */
  readonly stallTimeoutMs?: number | undefined;
  /**
   * Least milliseconds between two `progress` events; the last one always comes.
   * @defaultValue 100
   */
  readonly progressIntervalMs?: number | undefined;
  /**
   * `auto`: a file of one part goes as one PUT, without a checkpoint; `always`: in parts whatever its size.
   * @defaultValue 'auto'
   */
  readonly multipart?: 'auto' | 'always' | undefined;
  /**
   * `md5`: each part goes with its MD5, which the service checks, and the object's ETag must be the one computed.
   * Reads the whole file once.
   * @defaultValue 'none'
   */
  readonly checksum?: 'none' | 'md5' | undefined;
  /**
   * What computes checksums; `workerHasher()` of `rx-obs-upload/worker` leaves the main thread free.
   * @defaultValue on this thread, in small pieces
   */
  readonly hasher?: Hasher | undefined;
  /**
   * How a resume makes sure that the file is the same. `sample`: by its name, size, date and a sample of its content.
   * `parts`: by its content alone, whatever its name and date are now (a phone gives the same file new ones): size and
   * sample, and the MD5 of every finished part, which is read again and compared with the server's ETags. Where no ETag
   * is the MD5 of its part (SSE-KMS, SSE-C) parts that the checkpoint and the server know alike are kept if `sse` says
   * so, else they are sent again.
   * @defaultValue 'sample'
   */
  readonly verifyResume?: 'sample' | 'parts' | undefined;
  /**
   * Keeps the upload's checkpoint, so that uploading the same file to the same place again, after a reload too, goes on
   * where it stood. A store that fails is told as a `warning`; the upload goes on without it.
   */
  readonly checkpointStore?: CheckpointStore | undefined;
  /**
   * With a `checkpointStore`: lets one tab or subscriber at a time upload the file; the others are told `waiting`
   * and take over. null: none.
   * @defaultValue a Web Lock where there are any
   */
  readonly lock?: UploadLock | null | undefined;
  /** Server-side encryption. A customer's key (SSE-C) must be given again on resume. */
  readonly sse?: SseManaged | SseCustomerKey | undefined;
}

/** Of each single request: attempts, and the waits between them. */
export interface RetryOptions {
  /**
   * The first one included.
   * @defaultValue 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * The longest wait before the second attempt; it doubles with each further one.
   * @defaultValue 500
   */
  readonly baseDelayMs?: number | undefined;
  /** @defaultValue 30,000 */
  readonly maxDelayMs?: number | undefined;
  /**
   * `full`: a random share of the wait, so that clients do not come back together; a function in place of
   * `Math.random` makes it repeatable.
   * @defaultValue 'full'
   */
  readonly jitter?: 'full' | 'none' | (() => number) | undefined;
}
