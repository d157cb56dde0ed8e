/** The object's options: those of initiate (and of a single PUT) and of complete. */
export interface ObjectOptions {
  /** @defaultValue the file's type, then the type of the key's extension, else `application/octet-stream` */
  readonly contentType?: string | undefined;
  /**
   * User metadata; names become `x-obs-meta-*`, non-ASCII characters and percent signs in values are percent-encoded.
   * At most 8 KB.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** A canned ACL, such as `private` or `public-read`. */
  readonly acl?: string | undefined;
  /** @defaultValue that of the bucket */
  readonly storageClass?: StorageClass | undefined;
  /** Days after which OBS deletes the object. */
  readonly expires?: number | undefined;
  /** Tags of the object: at most 10. */
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  /** The object's `Cache-Control` header. */
  readonly cacheControl?: string | undefined;
  /** The object's `Content-Disposition` header, such as `attachment; filename="a.mp4"`. */
  readonly contentDisposition?: string | undefined;
  /** The object's `Content-Encoding` header: how the file is compressed already. */
  readonly contentEncoding?: string | undefined;
  /** The object's `Content-Language` header. */
  readonly contentLanguage?: string | undefined;
  /** Where a static website redirects requests for the object: a path or an address. */
  readonly websiteRedirectLocation?: string | undefined;
  /**
   * Server-side encryption with keys that the service manages. For SSE-C see `UploadRequest.sse`; the single calls take
   * its key as `sseCustomerKey`.
   */
  readonly sse?: SseManaged | SseCustomerAlgorithm | undefined;
  /** OBS calls your server once the object is there. */
  readonly callback?: UploadCallback | undefined;
  /** Refuse to complete if the key already exists. */
  readonly forbidOverwrite?: boolean | undefined;
  /**
   * Replace only the object that has this ETag now, with or without quotes. S3 only; another object, or none, is a
   * `ServiceError` with status 412 or 404.
   */
  readonly ifMatch?: string | undefined;
  /** Further headers of the requests. */
  readonly headers?: ExtraHeaders | undefined;
}

/**
 * Headers that no option sets, such as grants, object lock or request payer: of initiate, of each part, and of complete.
 * A single PUT has those of `initiate` and `complete`. Signed where the signature covers them; characters that are not
 * ASCII are percent-encoded.
 */
export interface ExtraHeaders {
  /** Of initiate, and of the PUT of a small file. */
  readonly initiate?: Readonly<Record<string, string>> | undefined;
  /** Of each part. */
  readonly part?: Readonly<Record<string, string>> | undefined;
  /** Of complete, and of the PUT of a small file. */
  readonly complete?: Readonly<Record<string, string>> | undefined;
}

/** OBS's storage classes; the dialect names them for other stores. */
export type StorageClass = 'STANDARD' | 'WARM' | 'COLD' | 'DEEP_ARCHIVE' | 'INTELLIGENT_TIERING' | 'HIGH_PERFORMANCE';

/** SSE-KMS (`kms`) or SSE-OBS (`AES256`). */
export type SseManaged = { readonly type: 'kms'; readonly keyId?: string | undefined } | { readonly type: 'AES256' };

/** Records that the object is encrypted with a customer's key (SSE-C), without the key. */
export interface SseCustomerAlgorithm {
  readonly type: 'customer';
}

/** SSE-C: the key must be passed again on resume. */
export interface SseCustomerKey extends SseCustomerAlgorithm {
  /** 32 bytes; never stored, never logged. */
  readonly key: Uint8Array;
}

/** OBS calls this address when the object is created; its response becomes the response to complete. */
export interface UploadCallback {
  /** Where OBS sends a POST. */
  readonly url: string;
  /** What it sends, with variables such as `$(key)`. */
  readonly body: string;
  /** The Host header. @defaultValue that of `url` */
  readonly host?: string | undefined;
  /** The content type of `body`. */
  readonly bodyType?: 'application/x-www-form-urlencoded' | 'application/json' | undefined;
}
