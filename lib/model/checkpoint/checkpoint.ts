import type { Checksum, ChecksumAlgorithm } from '../checksum.js';
import type { HarmlessOptions, RightName } from './rights.js';

/**
 * What an upload needs to be resumed later, on another page or machine: plain JSON without secrets. It grants no
 * permissions: anyone who can change it can make the upload fail, but not make the object public, trigger a callback,
 * or the like.
 */
export interface UploadCheckpoint {
  /** Of this format. */
  readonly version: 1;
  /** Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`. */
  readonly server: string;
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** bytes; overrides the part size of the request */
  readonly partSize: number;
  /** The file that it belongs to: another one is refused. */
  readonly file: FileIdentity;
  /** How many bytes `transformParts` adds to each part; absent without it. */
  readonly partOverheadBytes?: number;
  /** The object's options without its rights: a restart uses those that the request does not set. */
  readonly object: HarmlessOptions;
  /**
   * Names of the options of this upload that only a request can set: `acl`, `tagging`, `callback` and so on, without
   * their values. They are compared with the request of a resume, never acted on. Absent if there are none.
   */
  readonly rights?: readonly RightName[];
  /** The parts' checksum as initiate announced it to S3: the remaining parts must have it too. */
  readonly checksum?: ChecksumAlgorithm;
  /** Base64 MD5 of the SSE-C key, so that a resume with another key is refused; null without SSE-C. */
  readonly sseCustomerKeyMd5: string | null;
  /** Acknowledged parts in the order of acknowledgement. */
  readonly parts: readonly UploadedPart[];
}

/** Identifies a file without reading all of it. */
export interface FileIdentity {
  /** null if the source has none, as a Blob. */
  readonly name: string | null;
  /** bytes; null: a stream that has not ended */
  readonly size: number | null;
  /** epoch milliseconds; null if the source has none (a plain Blob, a stream) */
  readonly lastModified: number | null;
  /**
   * MD5 (hex) over up to four slices of at most 64 KiB, spread evenly from first to last byte, and over the part size.
   * Of a stream: over a random id instead of the slices. Empty if the file could not be read, in a checkpoint without
   * parts.
   */
  readonly sample: string;
}

/** A part that the service acknowledged. */
export interface UploadedPart {
  /** 1 to 10,000 */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** Without quotes; empty if the bucket's CORS rule hides it. */
  readonly etag: string;
  /** With a `checksum` option that a store computes too; of a part that only the server knows, what its list shows. */
  readonly checksum?: Checksum;
}

/** The checkpoint with one more part: a new frozen array, which takes 10 µs at 10,000 parts. */
export function withPart(checkpoint: UploadCheckpoint, part: UploadedPart): UploadCheckpoint {
  return withParts(checkpoint, [...checkpoint.parts, part]);
}

export function withParts(checkpoint: UploadCheckpoint, parts: readonly UploadedPart[]): UploadCheckpoint {
  return Object.freeze({ ...checkpoint, parts: Object.freeze(parts) });
}
