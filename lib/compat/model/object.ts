import type { BodyParams } from './multipart.js';
import type {
  CompletionParams,
  HttpParams,
  ObjectParams,
  ObjectTarget,
  SseCParams,
  SseOutput,
} from './object-params.js';

/** Parameters of `putObject`: a file, a slice of it, or a body. */
export interface PutObjectParams extends ObjectTarget, ObjectParams, HttpParams, CompletionParams, BodyParams {
  /** How many bytes of `SourceFile` are sent. @defaultValue up to its end */
  readonly ContentLength?: number | string | undefined;
}

/** The stored object. */
export interface PutObjectOutput extends SseOutput {
  /** With quotes; absent if CORS hides it. */
  readonly ETag?: string;
  readonly VersionId?: string;
  readonly StorageClass?: string;
  /** The response of the server at `CallbackUrl`: parsed JSON, else text. */
  readonly CallbackResponseBody?: unknown;
}

/** Parameters of `getObjectMetadata`. */
export interface GetObjectMetadataParams extends ObjectTarget, SseCParams {
  readonly VersionId?: string | undefined;
}

/** From the headers of the response; a page sees those that the bucket's CORS rule exposes. */
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

/** The request to sign. */
export interface CreateSignedUrlParams {
  /** @defaultValue 'GET' */
  readonly Method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD' | undefined;
  readonly Bucket: string;
  /** Absent: a request to the bucket itself. */
  readonly Key?: string | undefined;
  /** A parameter without a value, such as `uploads` or `acl`. */
  readonly SpecialParam?: string | undefined;
  /** Seconds. @defaultValue 300 */
  readonly Expires?: number | string | undefined;
  /** Headers that will be sent. */
  readonly Headers?: Readonly<Record<string, string>> | undefined;
  readonly QueryParams?: Readonly<Record<string, string | number>> | undefined;
}

/** A URL that works without credentials. */
export interface CreateSignedUrlOutput {
  /** Headers that must be sent with the URL. */
  readonly ActualSignedRequestHeaders: Readonly<Record<string, string>>;
  readonly SignedUrl: string;
}
