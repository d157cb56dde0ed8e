import type { HarmlessOptions, RightName } from '../../model/checkpoint/rights.js';
import type { UploadSource } from '../../ports/source/upload-source.js';

/**
 * The record of an upload, updated while it runs: pass it to `uploadFile` to resume. On the same page the record object
 * itself is enough. As JSON it loses its file and what it must not contain, which must then be passed again: an SSE-C
 * key and the `Callback…` parameters, and `ACL`, `WebsiteRedirectLocation`, `Expires` and `Tags` for an upload that is
 * gone from the server and has to restart.
 */
export interface ObsUploadCheckpoint {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** No longer the file after a JSON round trip. */
  readonly sourceFile: Blob | UploadSource;
  /** bytes; 0 for an empty file */
  readonly partSize: number;
  /** How many parts the file has. */
  readonly partCount: number;
  /** All parts of the file; may be replaced by a new array when the upload restarts. */
  readonly parts: readonly ObsCheckpointPart[];
  /** What identifies the file. */
  readonly fileStat: ObsFileStat;
  /** Absent once the upload was aborted. */
  readonly uploadId?: string;
  /** Base64 MD5 over the rest: a record that was changed is refused. */
  readonly md5: string;
  /** Not in the official SDK's record. */
  readonly resume: ObsResumeFacts;
}

/** One part of the file, sent or not. */
export interface ObsCheckpointPart {
  /** From 1 to 10,000. */
  readonly partNumber: number;
  /** bytes */
  readonly offset: number;
  /** bytes */
  readonly partSize: number;
  /** Whether the service acknowledged it. */
  readonly isCompleted: boolean;
  /** With quotes; absent until the part is sent, or if CORS hides it. */
  readonly etag?: string;
}

/** The file at the start of the upload. */
export interface ObsFileStat {
  /** bytes */
  readonly fileSize: number;
  /** epoch milliseconds; a plain Blob has none */
  readonly lastModified?: number;
}

/** Identifies the store and the file, and has the object's options in case the upload has to restart. */
export interface ObsResumeFacts {
  /** Address of the store. */
  readonly server: string;
  /** The file's name; null if it has none. */
  readonly fileName: string | null;
  /** MD5 over a few slices of the file. */
  readonly sample: string;
  /** By how many bytes `transformParts` makes each part larger; absent for a file that is sent as it is. */
  readonly partOverheadBytes?: number;
  /** Options of the object that a restart needs. */
  readonly object: HarmlessOptions;
  /** Names of the options of this upload that only `uploadFile`'s parameters can set. */
  readonly rights?: readonly RightName[];
  /** Identifies the SSE-C key; null without one. */
  readonly sseCKeyMd5: string | null;
}
