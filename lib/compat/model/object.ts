import type { BodyParams } from './multipart.js';
import type {
  CompletionParams,
  HttpParams,
  ObjectParams,
  ObjectTarget,
  SseCParams,
  SseOutput,
} from './object-params.js';

/** What `putObject` takes: a file, a slice of it, or a body. */
export interface PutObjectParams extends ObjectTarget, ObjectParams, HttpParams, CompletionParams, BodyParams {
  /** How many bytes of `SourceFile` are sent. @defaultValue up to its end */
  readonly ContentLength?: number | string | undefined;
}

/** What the service says of the object that was put. */
export interface PutObjectOutput extends SseOutput {
  /** With quotes; left out where CORS hides it. */
  readonly ETag?: string;
  readonly VersionId?: string;
  readonly StorageClass?: string;
  /** What the server behind `CallbackUrl` said: JSON read, else text. */
  readonly CallbackResponseBody?: unknown;
}

/** What `getObjectMetadata` takes. */
export interface GetObjectMetadataParams extends ObjectTarget, SseCParams {
  readonly VersionId?: string | undefined;
}

/** As the headers of the answer have it; a page sees those that the bucket's CORS rule exposes. */
export interface GetObjectMetadataOutput extends SseOutput {
  /** bytes, as text */
  readonly ContentLength?: string;
  readonly ContentType?: string;
  readonly LastModified?: string;
  /** With quotes. */
  readonly ETag?: string;
  readonly VersionId?: string;
  readonly StorageClass?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly Expiration?: string;
  readonly Restore?: string;
  readonly ObjectType?: string;
  readonly NextPosition?: string;
  readonly TaggingCount?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly Metadata: Readonly<Record<string, string>>;
}

/** The one request that the URL is good for. */
export interface CreateSignedUrlParams {
  /** @defaultValue 'GET' */
  readonly Method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD' | undefined;
  readonly Bucket: string;
  /** Left out: the bucket itself is asked. */
  readonly Key?: string | undefined;
  /** A parameter without a value, such as `uploads` or `acl`. */
  readonly SpecialParam?: string | undefined;
  /** Seconds. @defaultValue 300 */
  readonly Expires?: number | string | undefined;
  /** Headers that will be sent. */
  readonly Headers?: Readonly<Record<string, string>> | undefined;
  readonly QueryParams?: Readonly<Record<string, string | number>> | undefined;
}

/** A URL that needs no keys any more. */
export interface CreateSignedUrlOutput {
  /** Whoever uses the URL must send these. */
  readonly ActualSignedRequestHeaders: Readonly<Record<string, string>>;
  readonly SignedUrl: string;
}
