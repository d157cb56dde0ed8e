import type { UploadSource } from '../../ports/source/upload-source.js';
import type {
  CompletionParams,
  HttpParams,
  ObjectParams,
  ObjectTarget,
  SseCParams,
  SseOutput,
  UploadTarget,
} from './object-params.js';
import type { ProgressCallback } from './result.js';

/** Parameters of `initiateMultipartUpload`. */
export interface InitiateMultipartUploadParams extends ObjectTarget, ObjectParams, HttpParams {}

/** The initiated upload. */
export interface InitiateMultipartUploadOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** Bytes to send: a file, or a slice of it; or a body. */
export interface BodyParams {
  readonly SourceFile?: Blob | UploadSource | undefined;
  /** First byte of `SourceFile` to send. @defaultValue 0 */
  readonly Offset?: number | string | undefined;
  /** Text is sent as UTF-8. Not together with `SourceFile`. */
  readonly Body?: string | Uint8Array | Blob | undefined;
  /** Base64 of the MD5's 16 bytes, for the service to check. */
  readonly ContentMD5?: string | undefined;
  readonly ProgressCallback?: ProgressCallback | undefined;
}

/** Parameters of `uploadPart`: a slice of a file, or a body. */
export interface UploadPartParams extends UploadTarget, BodyParams, SseCParams {
  /** 1 to 10,000 */
  readonly PartNumber: number | string;
  /** How many bytes of `SourceFile` are sent. @defaultValue up to its end */
  readonly PartSize?: number | string | undefined;
}

/** The stored part. */
export interface UploadPartOutput extends SseOutput {
  /** With quotes; absent if CORS hides it. */
  readonly ETag?: string;
}

/** Parameters of `listParts`. */
export interface ListPartsParams extends UploadTarget {
  /** Parts per page, at most 1,000. @defaultValue 1000 */
  readonly MaxParts?: number | string | undefined;
  /** Parts after this number. */
  readonly PartNumberMarker?: number | string | undefined;
}

/** Numbers and booleans are strings, as the service writes them. */
export interface ListPartsOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly PartNumberMarker?: string;
  /** Where the next page begins. */
  readonly NextPartNumberMarker?: string;
  readonly MaxParts?: string;
  /** `true` or `false` */
  readonly IsTruncated: string;
  readonly StorageClass?: string;
  readonly Initiator: AccountOutput;
  readonly Owner: AccountOutput;
  readonly Parts: readonly PartOutput[];
}

/** The initiator or owner of an upload. */
export interface AccountOutput {
  readonly ID?: string;
}

/** A part on the server. */
export interface PartOutput {
  readonly PartNumber: string;
  readonly LastModified?: string;
  readonly ETag: string;
  readonly Size: string;
}

/** Parameters of `listMultipartUploads`. */
export interface ListMultipartUploadsParams {
  readonly Bucket: string;
  readonly RequestDate?: Date | string | undefined;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  /** Uploads per page, at most 1,000. @defaultValue 1000 */
  readonly MaxUploads?: number | string | undefined;
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
}

/** Numbers and booleans are strings, as the service writes them; keys are decoded. */
export interface ListMultipartUploadsOutput {
  readonly Bucket: string;
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
  readonly NextKeyMarker?: string;
  readonly NextUploadIdMarker?: string;
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxUploads?: string;
  /** `true` or `false` */
  readonly IsTruncated: string;
  readonly Uploads: readonly UnfinishedUploadOutput[];
  readonly CommonPrefixes: readonly { readonly Prefix: string }[];
}

/** An upload that was initiated and neither completed nor aborted. */
export interface UnfinishedUploadOutput {
  readonly Key: string;
  readonly UploadId: string;
  readonly Initiated?: string;
  readonly StorageClass?: string;
  readonly Initiator: AccountOutput;
  readonly Owner: AccountOutput;
}

/** Parameters of `completeMultipartUpload`. */
export interface CompleteMultipartUploadParams extends UploadTarget, CompletionParams {
  /** In any order, each with the `ETag` from `uploadPart`, or from `listParts` if CORS hides it. */
  readonly Parts: readonly { readonly PartNumber: number | string; readonly ETag?: string | undefined }[];
}

/** The object created from the parts. */
export interface CompleteMultipartUploadOutput extends SseOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Location?: string;
  /** With quotes. */
  readonly ETag?: string;
  readonly VersionId?: string;
  /** The response of the server at `CallbackUrl`: parsed JSON, else text. */
  readonly CallbackResponseBody?: unknown;
}

/** Parameters of `abortMultipartUpload`. */
export type AbortMultipartUploadParams = UploadTarget;
