import { ServiceError } from '../../model/errors/errors.js';
import type { Checksum } from '../../model/checksum.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { ObjectOptions } from '../../model/object-options.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { checksumElement, checksumHeaders, checksumsIn, checksumsOf } from '../request/checksum.js';
import type { Dialect } from '../dialect.js';
import { hasError } from '../errors/error-body.js';
import { bareEtag } from '../response/etag.js';
import { completionHeaders, customerKeyHeaders, extraHeaders } from '../request/object-headers.js';
import type { Operation } from '../operation.js';
import { headerOf, isMarked, requestIdOf, versionIdOf } from '../response/response-headers.js';
import { readXmlResponse, serviceErrorOf, type ResponseContext } from '../response/response.js';
import { escapeXml } from '../plain-xml.js';
import { textOf, xmlBody } from '../xml.js';

/** Arguments of `completeMultipartUpload$`. */
export interface CompleteMultipartUploadArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** In any order; each with its ETag. */
  readonly parts: readonly Pick<UploadedPart, 'partNumber' | 'etag' | 'checksum'>[];
  /** `callback`, `forbidOverwrite`, `ifMatch` and `headers.complete` are sent with complete. */
  readonly object?: ObjectOptions | undefined;
  /** Of the entire object, for the service to check. */
  readonly checksum?: Checksum | null | undefined;
  /** The 32 bytes of an SSE-C key: S3 needs it to complete an upload with checksums. */
  readonly sseCustomerKey?: Uint8Array | null | undefined;
  /** Bytes of the object, which S3 checks. */
  readonly objectSize?: number | undefined;
}

/** What completing an upload returned. */
export interface CompleteMultipartUploadResult {
  /** The object's address; null if the response has none. */
  readonly location: string | null;
  /** Without quotes; empty if the response has none. */
  readonly etag: string;
  /** Those that the service shows. */
  readonly checksums: readonly Checksum[];
  /** Of the object in a bucket with versioning; null without. */
  readonly versionId: string | null;
  /** The service's id of the request, for its support; null if a page may not read it. */
  readonly requestId: string | null;
  /**
   * Whether the response is certainly the service's, by its document, an ETag or a request id. False if a proxy may
   * have sent it, or in a page whose CORS rule hides both headers: then check the object (HEAD, or a list) before
   * reporting success.
   */
  readonly isMarked: boolean;
  /** The object is stored but its callback failed (HTTP 203). */
  readonly callbackFailed: boolean;
}

/** `POST /{key}?uploadId=U` with the parts in ascending order */
export function completeMultipartUpload(
  args: CompleteMultipartUploadArgs,
  dialect: Dialect,
): Operation<CompleteMultipartUploadResult> {
  const parts = [...args.parts]
    .sort((a, b) => a.partNumber - b.partNumber)
    .map(
      ({ partNumber, etag, checksum }) =>
        `<Part><PartNumber>${partNumber}</PartNumber><ETag>"${escapeXml(etag)}"</ETag>` +
        `${dialect.declaresChecksums ? checksumElement(checksum) : ''}</Part>`,
    );
  return {
    request: {
      operation: 'completeMultipartUpload',
      method: 'POST',
      bucket: args.bucket,
      key: args.key,
      query: [['uploadId', args.uploadId]],
      headers: {
        'Content-Type': 'application/xml',
        ...completionHeaders(args.object ?? {}, dialect),
        ...checksumHeaders(args.checksum, dialect),
        ...(dialect.declaresChecksums ? s3Headers(args, dialect) : {}),
        ...extraHeaders(args.object ?? {}, 'complete'),
      },
      body: xmlBody(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`),
      uploadId: args.uploadId,
      partNumber: null,
    },
    read: (response, context) => readCompleteMultipartUpload(response, context, args.object?.callback !== undefined),
  };
}

const OBJECT_SIZE_HEADER = 'x-amz-mp-object-size';

function s3Headers(
  { checksum, objectSize, sseCustomerKey = null }: CompleteMultipartUploadArgs,
  dialect: Dialect,
): Record<string, string> {
  return {
    ...(checksum ? { 'x-amz-checksum-type': 'FULL_OBJECT' } : {}),
    ...(objectSize === undefined ? {} : { [OBJECT_SIZE_HEADER]: String(objectSize) }),
    ...customerKeyHeaders(sseCustomerKey, dialect),
  };
}

/**
 * Whether the store does not know the header that gives the object's size, as Backblaze B2 (InvalidArgument) and
 * Cloudflare R2 (NotImplemented) refuse any header that is not theirs; InvalidRequest is S3's for another size.
 */
export function refusesObjectSize(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !error.message.includes(OBJECT_SIZE_HEADER)) return false;
  return error.serviceCode === 'InvalidArgument' || error.serviceCode === 'NotImplemented';
}

/** @param hasCallback - the response body is then the callback server's */
function readCompleteMultipartUpload(
  response: TransportResponse,
  context: ResponseContext,
  hasCallback: boolean,
): CompleteMultipartUploadResult {
  const common = { versionId: versionIdOf(response), requestId: requestIdOf(response) };
  const headerEtag = bareEtag(headerOf(response, 'etag'));
  if (hasCallback) {
    if (response.status !== 203 && hasError(response)) throw serviceErrorOf(response, context);
    return {
      ...common,
      location: null,
      etag: headerEtag,
      checksums: checksumsOf(response),
      isMarked: isMarked(response),
      callbackFailed: response.status === 203,
    };
  }
  const node = readXmlResponse(response, 'CompleteMultipartUploadResult', context);
  return {
    ...common,
    location: textOf(node, 'Location'),
    etag: bareEtag(textOf(node, 'ETag')) || headerEtag,
    checksums: [...checksumsOf(response), ...checksumsIn(node)],
    isMarked: true,
    callbackFailed: false,
  };
}
