import type { RequestBody, TransportResponse } from '../ports/transport/transport.js';
import { toBase64 } from '../ports/hash/bytes.js';
import type { Dialect } from './dialect.js';
import { bareEtag } from './etag.js';
import { customerKeyHeaders } from './object-headers.js';
import type { Operation } from './operation.js';
import { headerOf, isMarked } from './response-headers.js';
import { expectNoBody, type ResponseContext } from './response.js';

export interface UploadPartArgs {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  /** 1 to 10,000 */
  readonly partNumber: number;
  readonly body: RequestBody;
  /** The body's MD5, 16 bytes, for the service to check. */
  readonly contentMd5?: Uint8Array | null | undefined;
  readonly sseCustomerKey?: Uint8Array | null | undefined;
}

export interface UploadPartResult {
  /** Without quotes; empty if the bucket's CORS rule hides it. */
  readonly etag: string;
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
        ...customerKeyHeaders(args.sseCustomerKey ?? null, dialect),
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
  return { etag: bareEtag(headerOf(response, 'etag')), isMarked: isMarked(response) };
}
