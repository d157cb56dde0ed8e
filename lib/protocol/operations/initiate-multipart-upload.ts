import type { ChecksumAlgorithm } from '../../model/checksum.js';
import type { ObjectOptions } from '../../model/object-options.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { declaredChecksum } from '../request/checksum.js';
import type { Dialect } from '../dialect.js';
import { extraHeaders, objectHeaders } from '../request/object-headers.js';
import type { Operation } from '../operation.js';
import { readXmlResponse, unexpectedResponse, type ResponseContext } from '../response/response.js';
import { textOf } from '../xml.js';

/** Arguments of `initiateMultipartUpload$`. */
export interface InitiateMultipartUploadArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** Headers of the object: type, metadata, encryption and so on. */
  readonly object?: ObjectOptions | undefined;
  /** The 32 bytes of an SSE-C key. */
  readonly sseCustomerKey?: Uint8Array | null | undefined;
  /** Of the parts, as S3 wants it announced; OBS needs no announcement. */
  readonly checksum?: ChecksumAlgorithm | null | undefined;
}

/** What initiating an upload returned. */
export interface InitiateMultipartUploadResult {
  /** Names the upload in the calls that follow. */
  readonly uploadId: string;
}

/** The limit of checkpoints; real ones are a tenth of that. */
const MAX_UPLOAD_ID_LENGTH = 4096;

/** `POST /{key}?uploads` */
export function initiateMultipartUpload(
  args: InitiateMultipartUploadArgs,
  dialect: Dialect,
): Operation<InitiateMultipartUploadResult> {
  return {
    request: {
      operation: 'initiateMultipartUpload',
      method: 'POST',
      bucket: args.bucket,
      key: args.key,
      query: [['uploads', null]],
      headers: {
        ...objectHeaders(args.object ?? {}, args.sseCustomerKey ?? null, dialect),
        ...declaredChecksum(args.checksum, dialect),
        ...extraHeaders(args.object ?? {}, 'initiate'),
      },
      body: null,
      uploadId: null,
      partNumber: null,
    },
    read: readInitiateMultipartUpload,
  };
}

function readInitiateMultipartUpload(
  response: TransportResponse,
  context: ResponseContext,
): InitiateMultipartUploadResult {
  const uploadId = textOf(readXmlResponse(response, 'InitiateMultipartUploadResult', context), 'UploadId')?.trim();
  if (!uploadId || uploadId.length > MAX_UPLOAD_ID_LENGTH) throw unexpectedResponse(response, context);
  return { uploadId };
}
