import type { CheckpointStore } from './ports/checkpoint-store/checkpoint-store.js';
import type { AnyObservable } from './ports/from-port.js';
import type { Hasher } from './ports/hash/hasher.js';
import type { UploadLock } from './ports/lock/upload-lock.js';
import type { UploadSource } from './ports/source/upload-source.js';
import type { UploadCheckpoint } from './model/checkpoint/checkpoint.js';
import type { ObjectOptions, SseCustomerKey, SseManaged } from './model/object-options.js';

/** What to upload, where to, and how. */
export type UploadRequest = UploadTarget & UploadOptions;

/**
 * A bucket and key, with or without their checkpoint; or the checkpoint alone. Its type allows null, so that
 * `{ ...request, uploadCheckpoint }` compiles for any request; null without a bucket and key is an
 * `InvalidOptionsError`.
 *
 * A checkpoint alone also decides which bucket and key the file goes to, with the connection's credentials: anyone who
 * can modify a stored checkpoint can send the file wherever those may write. Pass `bucket` and `key` as well, from a
 * trusted source, and a checkpoint for another target is a `CheckpointError`.
 */
export type UploadTarget =
  | TargetOfNewUpload
  | { readonly bucket?: undefined; readonly key?: undefined; readonly uploadCheckpoint: UploadCheckpoint | null };

interface TargetOfNewUpload {
  readonly bucket: string;
  readonly key: string;
  /**
   * The upload to resume. It restores the object's properties (content type, metadata, storage class and the like), but
   * no permissions: `callback` and `headers.complete` must be passed again (else `InvalidOptionsError` before any
   * request), as must an SSE-C key; `acl`, `websiteRedirectLocation`, `expires`, `tagging` and `headers.initiate` are
   * needed again only if the upload is gone from the server and has to restart, which fails with `InvalidOptionsError`
   * without them. `headers.part` applies to the remaining parts where it is passed again.
   */
  readonly uploadCheckpoint?: UploadCheckpoint | null | undefined;
}

/** How a file is uploaded, whatever its target. */
export interface UploadOptions extends Omit<ObjectOptions, 'sse'> {
  /**
   * The file. Only four small slices of it are read, to identify it. In Node use `fileSource$` of
   * `rx-obs-upload/node`: the Blob of `openAsBlob` has, in some versions of Node, a wrong size from 4 GiB on. For a
   * recording or another stream use `streamSource`, to encrypt each part `transformParts`.
   */
  readonly sourceFile: Blob | UploadSource;
  /**
   * Bytes per part, 100 KiB to 5 GiB, raised automatically so that 10,000 parts are enough. A resume uses the
   * checkpoint's.
   * @defaultValue 9 MiB, and for files of more than 1,000 such parts the number of MiB that makes at most 1,000 parts
   */
  readonly partSize?: number | undefined;
  /**
   * Parts in flight at once, a positive integer. The last value of an Observable applies, and 1 until its first. `auto`
   * finds the best number by measuring throughput, up to the connection's `maxConcurrentRequests`.
   * @defaultValue 1
   */
  readonly taskNum?: number | 'auto' | AnyObservable<number> | undefined;
  /**
   * Where this upload's signing clock starts: a Date, ISO 8601 or RFC 822 text. A time learned from the service
   * replaces it.
   * @defaultValue the machine's clock
   */
  readonly requestDate?: Date | string | undefined;
  /** How failed requests are sent again. */
  readonly retry?: RetryOptions | undefined;
  /**
   * Milliseconds without progress, while a body or a response moves, after which a request is aborted and sent again.
   * Before the first and after the last byte of a body it gets the time that the body takes at 16 KiB/s besides: nearly
   * ten minutes for 9 MiB, as a proxy may be holding it.
   * @defaultValue 60,000
   */
  readonly stallTimeoutMs?: number | undefined;
  /**
   * Minimum milliseconds between two `progress` events; the last one is always emitted.
   * @defaultValue 100
   */
  readonly progressIntervalMs?: number | undefined;
  /**
   * `auto`: a file of one part is sent as one PUT, without a checkpoint; `always`: in parts whatever its size.
   * @defaultValue 'auto'
   */
  readonly multipart?: 'auto' | 'always' | undefined;
  /**
   * A checksum of each part, which the service checks; the file is read once more for it.
   * - `md5`: the object's ETag must be the computed one as well
   * - `crc64`: CRC-64, faster than MD5 without a worker, and of the entire object too, where the service shows it also with SSE-KMS
   *   and SSE-C (`verified: 'crc64'`): CRC-64/ECMA for OBS, CRC-64/NVME for S3
   * - `crc32c`, `sha256`: of S3, for parts alone
   *
   * A resume of an upload to S3 has the checksum that the upload was started with.
   * @defaultValue 'none'
   */
  readonly checksum?: 'none' | 'md5' | 'crc64' | 'crc32c' | 'sha256' | undefined;
  /**
   * The most bits a second for each connection, 819,200 to 838,860,800, as OBS enforces it for each part and for a single
   * PUT. The last value of an Observable applies to parts that start after it. OBS only.
   * @defaultValue none
   */
  readonly trafficLimit?: number | AnyObservable<number> | undefined;
  /**
   * Hashes the file first (`hashing` events), then looks at the object: where its size is the file's, and its ETag or
   * CRC-64 that of the file's content, nothing is sent and `completed` has `skipped: true`. Not looked at when an
   * upload is resumed by `uploadCheckpoint`.
   * @defaultValue false
   */
  readonly skipExisting?: boolean | undefined;
  /**
   * What computes checksums; `workerHasher()` of `rx-obs-upload/worker` keeps the main thread free.
   * @defaultValue on this thread, in small pieces
   */
  readonly hasher?: Hasher | undefined;
  /**
   * How a resume makes sure that the file is the same. `sample`: by its name, size, date and a sample of its content.
   * `parts`: by its content alone, whatever its name and date are now (a phone gives the same file new ones): size and
   * sample, and the MD5 of every finished part, which is read again and compared with the server's ETags. If no ETag is
   * the MD5 of its part (SSE-KMS, SSE-C), parts with the same ETag in the checkpoint and on the server are accepted if
   * `sse` is set accordingly, otherwise they are sent again.
   * @defaultValue 'sample'
   */
  readonly verifyResume?: 'sample' | 'parts' | undefined;
  /**
   * Stores the upload's checkpoint, so that uploading the same file to the same target again, even after a reload,
   * resumes it. If the store fails, a `warning` is emitted and the upload continues without it.
   */
  readonly checkpointStore?: CheckpointStore | undefined;
  /**
   * With a `checkpointStore`: lets one tab or subscriber at a time upload the file; the others emit `waiting` until
   * they take over. null: none.
   * @defaultValue a Web Lock where the browser has them
   */
  readonly lock?: UploadLock | null | undefined;
  /** Server-side encryption. A customer's key (SSE-C) must be given again on resume. */
  readonly sse?: SseManaged | SseCustomerKey | undefined;
}

/** Attempts of each request, and the delays between them. */
export interface RetryOptions {
  /**
   * Including the first one; at least 1, and finite, so that every request ends. To try for as long as it takes, use
   * `resumeOnError$`.
   * @defaultValue 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Longest delay before the second attempt, in milliseconds; it doubles with each further one.
   * @defaultValue 500
   */
  readonly baseDelayMs?: number | undefined;
  /** @defaultValue 30,000 */
  readonly maxDelayMs?: number | undefined;
  /**
   * `full`: a random share of the delay, so that clients do not retry in step; a function instead of `Math.random`
   * makes it repeatable.
   * @defaultValue 'full'
   */
  readonly jitter?: 'full' | 'none' | (() => number) | undefined;
}
