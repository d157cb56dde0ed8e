import type { RequestBody, TransportResponse } from '../../ports/transport/transport.js';
import type { Checksum } from '../../model/checksum.js';
import { toBase64 } from '../../bytes.js';
import { checksumHeaders, checksumsOf } from '../request/checksum.js';
import type { Dialect } from '../dialect.js';
import { bareEtag } from '../response/etag.js';
import { customerKeyHeaders, extraHeaders, trafficLimitHeader } from '../request/object-headers.js';
import type { Operation } from '../operation.js';
import { headerOf, isMarked } from '../response/response-headers.js';
import { expectNoBody, type ResponseContext } from '../response/response.js';

/** Arguments of `uploadPart$`. */
export interface UploadPartArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
  /** 1 to 10,000 */
  readonly partNumber: number;
  /** The part's bytes. */
  readonly body: RequestBody;
  /** The body's MD5, 16 bytes, for the service to check. */
  readonly contentMd5?: Uint8Array | null | undefined;
  /** Another checksum of the body, for the service to check. */
  readonly checksum?: Checksum | null | undefined;
  /** The 32 bytes of an SSE-C key; needed if the object is encrypted with one. */
  readonly sseCustomerKey?: Uint8Array | null | undefined;
  /** bits a second, 819,200 to 838,860,800; OBS only */
  readonly trafficLimit?: number | null | undefined;
  /** Headers that no other argument sets. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What storing a part returned. */
export interface UploadPartResult {
  /** Without quotes; empty if the bucket's CORS rule hides it. */
  readonly etag: string;
  /** Those that the service shows. */
  readonly checksums: readonly Checksum[];
  /**
   * Whether the response is certainly the service's, by an ETag or a request id. A CORS rule may hide both headers:
   * then the list of parts decides.
   */
  readonly isMarked: boolean;
}

/** `PUT /{key}?partNumber=N&uploadId=U` */
export function uploadPart(args: UploadPartArgs, dialect: Dialect): Operation<UploadPartResult> {
  return {
    request: {
      operation: 'uploadPart',
      method: 'PUT',
      bucket: args.bucket,
      key: args.key,
      query: [
        ['partNumber', String(args.partNumber)],
        ['uploadId', args.uploadId],
      ],
      headers: {
        ...(args.contentMd5 ? { 'Content-MD5': toBase64(args.contentMd5) } : {}),
        ...checksumHeaders(args.checksum, dialect),
        ...customerKeyHeaders(args.sseCustomerKey ?? null, dialect),
        ...trafficLimitHeader(args.trafficLimit, dialect),
        ...extraHeaders({ headers: { part: args.headers } }, 'part'),
      },
      body: args.body,
      uploadId: args.uploadId,
      partNumber: args.partNumber,
    },
    read: readUploadPart,
  };
}

function readUploadPart(response: TransportResponse, context: ResponseContext): UploadPartResult {
  expectNoBody(response, context);
  return {
    etag: bareEtag(headerOf(response, 'etag')),
    checksums: checksumsOf(response),
    isMarked: isMarked(response),
  };
}
