import type { HarmlessOptions, RightName } from '../../model/rights.js';
import type { UploadSource } from '../../ports/source/upload-source.js';

/**
 * The record of an upload, kept up to date while it runs: give it to `uploadFile` to resume. The record object itself is
 * enough on the same page. As JSON it loses its file and what it must not hold, which must then be given again: an
 * SSE-C key and `CallbackUrl` with its companions, and `ACL`, `WebsiteRedirectLocation`, `Expires` and `Tags` for an
 * upload that is gone from the server and has to restart.
 */
export interface ObsUploadCheckpoint {
  readonly bucket: string;
  readonly key: string;
  /** Not the file any more after a way through JSON. */
  readonly sourceFile: Blob | UploadSource;
  /** bytes; 0 of an empty file */
  readonly partSize: number;
  readonly partCount: number;
  /** All of the file's; a fresh array may take its place when the upload begins anew. */
  readonly parts: readonly ObsCheckpointPart[];
  readonly fileStat: ObsFileStat;
  /** Gone once the upload was aborted. */
  readonly uploadId?: string;
  /** Base64 MD5 over the rest: a record that was changed is refused. */
  readonly md5: string;
  /** What the official SDK's record lacks. */
  readonly resume: ObsResumeFacts;
}

/** One part of the file, sent or not. */
export interface ObsCheckpointPart {
  readonly partNumber: number;
  /** bytes */
  readonly offset: number;
  /** bytes */
  readonly partSize: number;
  readonly isCompleted: boolean;
  /** With quotes; not there before the part is, or where CORS hides it. */
  readonly etag?: string;
}

/** What the file was when the upload began. */
export interface ObsFileStat {
  /** bytes */
  readonly fileSize: number;
  /** epoch milliseconds; a plain Blob has none */
  readonly lastModified?: number;
}

/** Tells one store and one file from another, and makes the same object if the upload has to restart. */
export interface ObsResumeFacts {
  readonly server: string;
  readonly fileName: string | null;
  /** MD5 over a few slices of the file. */
  readonly sample: string;
  readonly object: HarmlessOptions;
  /** Names of the options that only `uploadFile`'s parameters can give and that the upload was started with. */
  readonly rights?: readonly RightName[];
  readonly sseCKeyMd5: string | null;
}
