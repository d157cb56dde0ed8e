import type { Checksum } from '../../model/checksum.js';
import { toBase64 } from '../../bytes.js';
import type { ObjectOptions } from '../../model/object-options.js';
import type { RequestBody, TransportResponse } from '../../ports/transport/transport.js';
import { checksumHeaders, checksumsOf } from '../request/checksum.js';
import type { Dialect } from '../dialect.js';
import { hasError } from '../errors/error-body.js';
import { bareEtag, hasOpaqueEtag } from '../response/etag.js';
import { completionHeaders, extraHeaders, objectHeaders, trafficLimitHeader } from '../request/object-headers.js';
import type { Operation } from '../operation.js';
import { headerOf, isMarked, requestIdOf, versionIdOf } from '../response/response-headers.js';
import { expectNoBody, serviceErrorOf, type ResponseContext } from '../response/response.js';

/** Arguments of `putObject$`. */
export interface PutObjectArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** 0 B to 5 GiB */
  readonly body: RequestBody;
  /** Headers of the object: type, metadata, encryption and so on. */
  readonly object?: ObjectOptions | undefined;
  /** The 32 bytes of an SSE-C key; needed if the object is encrypted with one. */
  readonly sseCustomerKey?: Uint8Array | null | undefined;
  /** The body's MD5, 16 bytes, for the service to check. */
  readonly contentMd5?: Uint8Array | null | undefined;
  /** Another checksum of the body, for the service to check. */
  readonly checksum?: Checksum | null | undefined;
  /** bits a second, 819,200 to 838,860,800; OBS only */
  readonly trafficLimit?: number | null | undefined;
}

/** What storing an object returned. */
export interface PutObjectResult {
  /** Without quotes; empty if the bucket's CORS rule hides it. */
  readonly etag: string;
  /** The response says that the object is encrypted by a key of SSE-KMS or SSE-C: its ETag is not an MD5. */
  readonly hasOpaqueEtag: boolean;
  /** Those that the service shows. */
  readonly checksums: readonly Checksum[];
  /** Of the object in a bucket with versioning; null without. */
  readonly versionId: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId: string | null;
  /**
   * Whether the response is certainly the service's, by an ETag or a request id. False if a proxy may have sent it, or
   * in a page whose CORS rule hides both headers: then check the object (HEAD, or a list) before reporting success.
   */
  readonly isMarked: boolean;
  /** The object is stored but its callback failed (HTTP 203). */
  readonly callbackFailed: boolean;
}

/** `PUT /{key}` */
export function putObject(args: PutObjectArgs, dialect: Dialect): Operation<PutObjectResult> {
  const object = args.object ?? {};
  return {
    request: {
      operation: 'putObject',
      method: 'PUT',
      bucket: args.bucket,
      key: args.key,
      query: [],
      headers: {
        ...objectHeaders(object, args.sseCustomerKey ?? null, dialect),
        ...completionHeaders(object, dialect),
        ...(args.contentMd5 ? { 'Content-MD5': toBase64(args.contentMd5) } : {}),
        ...checksumHeaders(args.checksum, dialect),
        ...trafficLimitHeader(args.trafficLimit, dialect),
        ...extraHeaders(object, 'initiate', 'complete'),
      },
      body: args.body,
      uploadId: null,
      partNumber: null,
    },
    read: (response, context) => readPutObject(response, context, args.object?.callback !== undefined),
  };
}

/** @param hasCallback - the response body is then the callback server's */
function readPutObject(response: TransportResponse, context: ResponseContext, hasCallback: boolean): PutObjectResult {
  if (!hasCallback) expectNoBody(response, context);
  else if (response.status !== 203 && hasError(response)) throw serviceErrorOf(response, context);
  return {
    etag: bareEtag(headerOf(response, 'etag')),
    hasOpaqueEtag: hasOpaqueEtag(response),
    checksums: checksumsOf(response),
    versionId: versionIdOf(response),
    requestId: requestIdOf(response),
    isMarked: isMarked(response),
    callbackFailed: hasCallback && response.status === 203,
  };
}
