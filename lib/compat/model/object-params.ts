import type { StorageClass, UploadCallback } from '../../model/object-options.js';

/** Where an object is. */
export interface ObjectTarget {
  readonly Bucket: string;
  readonly Key: string;
  /** Where the signing clock stands: a Date, ISO 8601 or RFC 822 text. @defaultValue now */
  readonly RequestDate?: Date | string | undefined;
}

/** An unfinished multipart upload. */
export interface UploadTarget extends ObjectTarget {
  readonly UploadId: string;
}

/** Server-side encryption with a key of one's own. */
export interface SseCParams {
  /** `AES256`; counts only together with `SseCKey` */
  readonly SseC?: string | undefined;
  /** The 32 bytes of the key, raw: a string of one character a byte, or the bytes. */
  readonly SseCKey?: string | Uint8Array | undefined;
}

/** Server-side encryption. */
export interface SseParams extends SseCParams {
  /** `kms` or `AES256` */
  readonly SseKms?: string | undefined;
  readonly SseKmsKey?: string | undefined;
}

/** What an object is made with. */
export interface ObjectParams extends SseParams {
  /** @defaultValue the file's type, then the type of the key's or the file name's extension, else `application/octet-stream` */
  readonly ContentType?: string | undefined;
  /** A canned ACL, such as `public-read`. */
  readonly ACL?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly StorageClass?: StorageClass | 'STANDARD_IA' | 'GLACIER' | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  /** Days after which OBS deletes the object. */
  readonly Expires?: number | string | undefined;
}

/** Headers that `initiateMultipartUpload` and `putObject` take besides. */
export interface HttpParams {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  /** `name=value&name=value`, not encoded */
  readonly Tags?: string | undefined;
}

/** What goes with the request that makes the object. */
export interface CompletionParams {
  /** OBS calls this address when the object is made; its answer becomes `CallbackResponseBody`. */
  readonly CallbackUrl?: string | undefined;
  readonly CallbackHost?: string | undefined;
  readonly CallbackBody?: string | undefined;
  readonly CallbackBodyType?: UploadCallback['bodyType'];
  /** Refuse to complete where the key exists already. */
  readonly ForbidOverwrite?: boolean | 'true' | 'false' | undefined;
}

/** What of the object's encryption an answer tells. */
export interface SseOutput {
  readonly SseKms?: string;
  readonly SseKmsKey?: string;
  readonly SseC?: string;
  readonly SseCKeyMd5?: string;
}
