import type { TransportResponse } from '../../ports/transport/transport.js';
import type { Operation } from '../operation.js';
import { expectNoBody, type ResponseContext } from '../response/response.js';

/** Arguments of `abortMultipartUpload$`. */
export interface AbortMultipartUploadArgs {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
}

/** `DELETE /{key}?uploadId=U` */
export function abortMultipartUpload(args: AbortMultipartUploadArgs): Operation<void> {
  return {
    request: {
      operation: 'abortMultipartUpload',
      method: 'DELETE',
      bucket: args.bucket,
      key: args.key,
      query: [['uploadId', args.uploadId]],
      headers: {},
      body: null,
      uploadId: args.uploadId,
      partNumber: null,
    },
    read: readAbortMultipartUpload,
  };
}

function readAbortMultipartUpload(response: TransportResponse, context: ResponseContext): void {
  expectNoBody(response, context);
}
