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

/** What `initiateMultipartUpload` takes. */
export interface InitiateMultipartUploadParams extends ObjectTarget, ObjectParams, HttpParams {}

/** The upload that has begun. */
export interface InitiateMultipartUploadOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** Bytes to send: a file, or a slice of it; or a body. */
export interface BodyParams {
  readonly SourceFile?: Blob | UploadSource | undefined;
  /** First byte of `SourceFile` that is sent. @defaultValue 0 */
  readonly Offset?: number | string | undefined;
  /** Text goes as UTF-8. Not together with `SourceFile`. */
  readonly Body?: string | Uint8Array | Blob | undefined;
  /** Base64 of the MD5's 16 bytes, for the service to check. */
  readonly ContentMD5?: string | undefined;
  readonly ProgressCallback?: ProgressCallback | undefined;
}

/** What `uploadPart` takes: a slice of a file, or a body. */
export interface UploadPartParams extends UploadTarget, BodyParams, SseCParams {
  /** 1 to 10,000 */
  readonly PartNumber: number | string;
  /** How many bytes of `SourceFile` are sent. @defaultValue up to its end */
  readonly PartSize?: number | string | undefined;
}

/** What the service says of a part that it has. */
export interface UploadPartOutput extends SseOutput {
  /** With quotes; left out where CORS hides it. */
  readonly ETag?: string;
}

/** What `listParts` takes. */
export interface ListPartsParams extends UploadTarget {
  /** Parts a page, at most 1,000. @defaultValue 1000 */
  readonly MaxParts?: number | string | undefined;
  /** Parts after this number. */
  readonly PartNumberMarker?: number | string | undefined;
}

/** Numbers and booleans are texts, as the service writes them. */
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

/** Who began or owns an upload. */
export interface AccountOutput {
  readonly ID?: string;
}

/** A part that the service has. */
export interface PartOutput {
  readonly PartNumber: string;
  readonly LastModified?: string;
  readonly ETag: string;
  readonly Size: string;
}

/** What `listMultipartUploads` takes. */
export interface ListMultipartUploadsParams {
  readonly Bucket: string;
  readonly RequestDate?: Date | string | undefined;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  /** Uploads a page, at most 1,000. @defaultValue 1000 */
  readonly MaxUploads?: number | string | undefined;
  readonly KeyMarker?: string | undefined;
  readonly UploadIdMarker?: string | undefined;
}

/** Numbers and booleans are texts, as the service writes them; keys are decoded. */
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

/** An upload that was begun and neither completed nor aborted. */
export interface UnfinishedUploadOutput {
  readonly Key: string;
  readonly UploadId: string;
  readonly Initiated?: string;
  readonly StorageClass?: string;
  readonly Initiator: AccountOutput;
  readonly Owner: AccountOutput;
}

/** What `completeMultipartUpload` takes. */
export interface CompleteMultipartUploadParams extends UploadTarget, CompletionParams {
  /** In any order, each with the `ETag` that `uploadPart` answered, or that `listParts` shows where CORS hides it. */
  readonly Parts: readonly { readonly PartNumber: number | string; readonly ETag?: string | undefined }[];
}

/** The object that was made of the parts. */
export interface CompleteMultipartUploadOutput extends SseOutput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Location?: string;
  /** With quotes. */
  readonly ETag?: string;
  readonly VersionId?: string;
  /** What the server behind `CallbackUrl` said: JSON read, else text. */
  readonly CallbackResponseBody?: unknown;
}

/** What `abortMultipartUpload` takes. */
export type AbortMultipartUploadParams = UploadTarget;
