import type { UploadSource } from '../../ports/source/upload-source.js';
import type { ObsUploadCheckpoint } from './checkpoint.js';
import type { CompletionParams, ObjectParams } from './object-params.js';
import type { ProgressCallback } from './result.js';
import type { EventCallback } from './upload-file-event.js';

/** Parameters of `uploadFile`: a bucket, a key and a file, or the checkpoint of an upload to resume. */
export interface UploadFileParams extends ObjectParams, CompletionParams {
  /** Required for a new upload, optional with a checkpoint. */
  readonly Bucket?: string | undefined;
  /** Required for a new upload, optional with a checkpoint. */
  readonly Key?: string | undefined;
  /** The current time for signing: a Date, ISO 8601 or RFC 822 text. @defaultValue now */
  readonly RequestDate?: Date | string | undefined;
  /** Required for a new upload, and with a checkpoint read from JSON. */
  readonly SourceFile?: Blob | UploadSource | undefined;
  /** The checkpoint from `ResumeCallback`, as it is or read back from JSON. */
  readonly UploadCheckpoint?: ObsUploadCheckpoint | null | undefined;
  /**
   * Bytes per part. Below 100 KiB, or not a number: the default; above 5 GiB: 5 GiB; raised so that 10,000 parts are
   * enough.
   * @defaultValue 9 MiB
   */
  readonly PartSize?: number | string | undefined;
  /** Parts at once. @defaultValue 1 */
  readonly TaskNum?: number | string | undefined;
  /** How often a failed request is retried if that may help, with growing delays. @defaultValue 0 */
  readonly PartRetryNum?: number | string | undefined;
  /** Sends each part with its MD5, for the service to check. @defaultValue false */
  readonly VerifyMd5?: boolean | undefined;
  readonly ProgressCallback?: ProgressCallback | undefined;
  readonly EventCallback?: EventCallback | undefined;
  readonly ResumeCallback?: ResumeCallback | undefined;
}

/** Called once, when the upload has been initiated (at once if it is resumed). */
export type ResumeCallback = (resumeHook: ResumeHook, uploadCheckpoint: ObsUploadCheckpoint) => void;

/** Stops a running upload; once it has ended or been stopped, both methods do nothing. */
export interface ResumeHook {
  /** Stops all requests at once; the parts stay on the server and the upload can be resumed. */
  cancel(): void;
  /** Stops all requests at once and deletes the parts from the server. */
  abort(): void;
}
