import type { StorageClass, UploadCallback } from '../../model/object-options.js';

/** The location of an object. */
export interface ObjectTarget {
  readonly Bucket: string;
  readonly Key: string;
  /** The current time for signing: a Date, ISO 8601 or RFC 822 text. @defaultValue now */
  readonly RequestDate?: Date | string | undefined;
}

/** An unfinished multipart upload. */
export interface UploadTarget extends ObjectTarget {
  readonly UploadId: string;
}

/** Server-side encryption with your own key. */
export interface SseCParams {
  /** `AES256`; counts only together with `SseCKey` */
  readonly SseC?: string | undefined;
  /** The 32 bytes of the key, raw: a string of one character per byte, or the bytes. */
  readonly SseCKey?: string | Uint8Array | undefined;
}

/** Server-side encryption. */
export interface SseParams extends SseCParams {
  /** `kms` or `AES256` */
  readonly SseKms?: string | undefined;
  readonly SseKmsKey?: string | undefined;
}

/** Options of an object. */
export interface ObjectParams extends SseParams {
  /**
   * @defaultValue the file's type, then the type of the key's or the file name's extension, else
   * `application/octet-stream`
   */
  readonly ContentType?: string | undefined;
  /** A canned ACL, such as `public-read`. */
  readonly ACL?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly StorageClass?: StorageClass | 'STANDARD_IA' | 'GLACIER' | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  /** Days after which OBS deletes the object. */
  readonly Expires?: number | string | undefined;
}

/** Who else may use the object, and until when nobody may change it. */
export interface GrantParams {
  /** Such as `id=domainId`, as OBS takes it. */
  readonly GrantRead?: string | undefined;
  readonly GrantReadAcp?: string | undefined;
  readonly GrantWriteAcp?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  /** `COMPLIANCE` */
  readonly ObjectLockMode?: string | undefined;
  /** ISO 8601; the name is the official SDK's. */
  readonly ObjectLockRetainUntailDate?: string | undefined;
}

/** Further headers of `initiateMultipartUpload` and `putObject`. */
export interface HttpParams extends GrantParams {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  /** `name=value&name=value`, not encoded */
  readonly Tags?: string | undefined;
}

/** Options of the request that creates the object. */
export interface CompletionParams {
  /** OBS calls this address when the object is created; its response becomes `CallbackResponseBody`. */
  readonly CallbackUrl?: string | undefined;
  readonly CallbackHost?: string | undefined;
  readonly CallbackBody?: string | undefined;
  readonly CallbackBodyType?: UploadCallback['bodyType'];
  /** Refuse to complete if the key already exists. */
  readonly ForbidOverwrite?: boolean | 'true' | 'false' | undefined;
}

/** The object's encryption, as far as a response shows it. */
export interface SseOutput {
  readonly SseKms?: string;
  readonly SseKmsKey?: string;
  readonly SseC?: string;
  readonly SseCKeyMd5?: string;
}
