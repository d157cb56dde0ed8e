import type { ObjectOptions } from '../../model/object-options.js';
import type { UploadSource } from '../../ports/source/upload-source.js';

/**
 * The record of an upload, kept up to date while it runs: give it to `uploadFile` to go on. As JSON it loses its file,
 * which must then be given again, and nothing else. It holds no secret.
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

/** Tells one store and one file from another, and makes the same object should the upload have to begin anew. */
export interface ObsResumeFacts {
  readonly server: string;
  readonly fileName: string | null;
  /** MD5 over a few slices of the file. */
  readonly sample: string;
  readonly object: ObjectOptions;
  readonly sseCKeyMd5: string | null;
}
