/** What the object is made with: the options of initiate (and of a single PUT) and of complete. */
export interface ObjectOptions {
  /** @defaultValue the file's type, then the type of the key's extension, else `application/octet-stream` */
  readonly contentType?: string | undefined;
  /** User metadata; names become `x-obs-meta-*`, values are percent-encoded where they are not ASCII, or a percent sign. At most 8 KB. */
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
  /** Server-side encryption with keys that the service holds. The key of SSE-C is no part of this: see `UploadRequest.sse`. */
  readonly sse?: SseManaged | SseCustomerAlgorithm | undefined;
  readonly callback?: UploadCallback | undefined;
  /** Refuse to complete where the key exists already. */
  readonly forbidOverwrite?: boolean | undefined;
}

export type StorageClass = 'STANDARD' | 'WARM' | 'COLD' | 'DEEP_ARCHIVE' | 'INTELLIGENT_TIERING' | 'HIGH_PERFORMANCE';

/** SSE-KMS (`kms`) or SSE-OBS (`AES256`). */
export type SseManaged = { readonly type: 'kms'; readonly keyId?: string | undefined } | { readonly type: 'AES256' };

/** Remembers that the object is encrypted by a customer's key (SSE-C), without the key. */
export interface SseCustomerAlgorithm {
  readonly type: 'customer';
}

/** SSE-C: the key must be given again on resume. */
export interface SseCustomerKey extends SseCustomerAlgorithm {
  /** 32 bytes; never stored, never logged. */
  readonly key: Uint8Array;
}

/** OBS calls this address when the object is made; its answer becomes the answer of complete. */
export interface UploadCallback {
  readonly url: string;
  readonly body: string;
  readonly host?: string | undefined;
  readonly bodyType?: 'application/x-www-form-urlencoded' | 'application/json' | undefined;
}
