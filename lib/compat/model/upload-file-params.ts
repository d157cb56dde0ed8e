import type { UploadSource } from '../../ports/source/upload-source.js';
import type { ObsUploadCheckpoint } from './checkpoint.js';
import type { CompletionParams, ObjectParams } from './object-params.js';
import type { ProgressCallback } from './result.js';
import type { EventCallback } from './upload-file-event.js';

/** What `uploadFile` takes: a bucket, a key and a file, or the checkpoint of an upload to go on with. */
export interface UploadFileParams extends ObjectParams, CompletionParams {
  /** Needed for a new upload; with a checkpoint it may be left out. */
  readonly Bucket?: string | undefined;
  /** Needed for a new upload; with a checkpoint it may be left out. */
  readonly Key?: string | undefined;
  /** Where the signing clock stands: a Date, ISO 8601 or RFC 822 text. @defaultValue now */
  readonly RequestDate?: Date | string | undefined;
  /** Needed for a new upload, and with a checkpoint that went through JSON. */
  readonly SourceFile?: Blob | UploadSource | undefined;
  /** What `ResumeCallback` gave, as it is or read back from JSON. */
  readonly UploadCheckpoint?: ObsUploadCheckpoint | null | undefined;
  /**
   * Bytes a part. Below 100 KiB, or no number: the default; above 5 GiB: 5 GiB; raised so that 10,000 parts are enough.
   * @defaultValue 9 MiB
   */
  readonly PartSize?: number | string | undefined;
  /** Parts at once. @defaultValue 1 */
  readonly TaskNum?: number | string | undefined;
  /** How often a request that failed is sent again, where that may help; with growing waits. @defaultValue 0 */
  readonly PartRetryNum?: number | string | undefined;
  /** Sends each part with its MD5, for the service to check. @defaultValue false */
  readonly VerifyMd5?: boolean | undefined;
  readonly ProgressCallback?: ProgressCallback | undefined;
  readonly EventCallback?: EventCallback | undefined;
  readonly ResumeCallback?: ResumeCallback | undefined;
}

/** Called once, when the upload is known to the service (at once where it is resumed). */
export type ResumeCallback = (resumeHook: ResumeHook, uploadCheckpoint: ObsUploadCheckpoint) => void;

/** Stops a running upload; once it has ended, or been stopped, both do nothing. */
export interface ResumeHook {
  /** Stops every request at once and keeps the parts: the upload can be resumed. */
  cancel(): void;
  /** Stops every request at once and deletes the parts from the server. */
  abort(): void;
}

/** What `uploadFile` gives at last. */
export interface UploadFileOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Location: string;
  /** With quotes. */
  readonly ETag: string;
  readonly VersionId?: string;
  /** What the server behind `CallbackUrl` said: JSON read, else text. */
  readonly CallbackResponseBody?: unknown;
}
