import type { HarmlessOptions, RightName } from './rights.js';

/**
 * What an upload needs to be resumed later, on another page or machine: plain JSON without secrets. It gives no rights:
 * whoever can change it can make the upload fail, but not make the object public, have a callback called, or the like.
 */
export interface UploadCheckpoint {
  readonly version: 1;
  /** Address of the store, such as `https://obs.cn-north-4.myhuaweicloud.com`. */
  readonly server: string;
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  /** bytes; the checkpoint's part size wins over the request's */
  readonly partSize: number;
  readonly file: FileIdentity;
  /** What the object was initiated with, but for its rights: a restart takes it from here where the request does not name it. */
  readonly object: HarmlessOptions;
  /**
   * Names of the options that only a request can give and that this upload was started with: `acl`, `tagging`,
   * `callback` and so on, without their values. They are compared with the request of a resume, never acted on. Absent
   * where there are none.
   */
  readonly rights?: readonly RightName[];
  /** Base64 MD5 of the SSE-C key, so that a resume with another key is refused; null without SSE-C. */
  readonly sseCustomerKeyMd5: string | null;
  /** Acknowledged parts in the order of their acknowledgement. */
  readonly parts: readonly UploadedPart[];
}

/** Tells one file from another without reading all of it. */
export interface FileIdentity {
  readonly name: string | null;
  /** bytes */
  readonly size: number;
  /** epoch milliseconds; null where the source knows none (a plain Blob) */
  readonly lastModified: number | null;
  /** MD5 (hex) over up to four slices of at most 64 KiB, spread evenly from first to last byte, and over the part size. */
  readonly sample: string;
}

export interface UploadedPart {
  /** 1 to 10,000 */
  readonly partNumber: number;
  /** bytes */
  readonly size: number;
  /** Without quotes; empty where the bucket's CORS rule hides it. */
  readonly etag: string;
}

/** The checkpoint with one more part: a fresh frozen array, 10 µs at 10,000 parts. */
export function withPart(checkpoint: UploadCheckpoint, part: UploadedPart): UploadCheckpoint {
  return withParts(checkpoint, [...checkpoint.parts, part]);
}

export function withParts(checkpoint: UploadCheckpoint, parts: readonly UploadedPart[]): UploadCheckpoint {
  return Object.freeze({ ...checkpoint, parts: Object.freeze(parts) });
}
