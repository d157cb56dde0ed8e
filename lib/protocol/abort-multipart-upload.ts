import type { TransportResponse } from '../ports/transport/transport.js';
import type { ObsRequest } from './obs-request.js';
import { expectNoBody, type ResponseContext } from './response.js';

export interface AbortMultipartUploadArgs {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

/** `DELETE /{key}?uploadId=U` */
export function buildAbortMultipartUpload(args: AbortMultipartUploadArgs): ObsRequest {
  return {
    operation: 'abortMultipartUpload',
    method: 'DELETE',
    bucket: args.bucket,
    key: args.key,
    query: [['uploadId', args.uploadId]],
    headers: {},
    body: null,
    uploadId: args.uploadId,
    partNumber: null,
  };
}

export function readAbortMultipartUpload(response: TransportResponse, context: ResponseContext): void {
  expectNoBody(response, context);
}
