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
  readonly storageClass?: StorageClass | undefined;
  /** Days after which OBS deletes the object. */
  readonly expires?: number | undefined;
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly websiteRedirectLocation?: string | undefined;
  /** Server-side encryption with keys that the service manages. For SSE-C see `UploadRequest.sse`. */
  readonly sse?: SseManaged | SseCustomerAlgorithm | undefined;
  readonly callback?: UploadCallback | undefined;
  /** Refuse to complete if the key already exists. */
  readonly forbidOverwrite?: boolean | undefined;
}

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
  readonly url: string;
  readonly body: string;
  readonly host?: string | undefined;
  readonly bodyType?: 'application/x-www-form-urlencoded' | 'application/json' | undefined;
}
