import { defer, type Observable } from 'rxjs';
import { contentTypeOf } from '../../protocol/request/content-type.js';
import { requireSupported } from '../../protocol/dialect.js';
import { initiateMultipartUpload } from '../../protocol/operations/initiate-multipart-upload.js';
import type { OpenClient } from '../client/open-client.js';
import type { InitiateMultipartUploadOutput, InitiateMultipartUploadParams } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { extraHeadersOf } from '../params/extra-headers.js';
import { objectOptionsOf } from '../params/object-options.js';
import { sseCKeyOf } from '../params/sse.js';
import { objectOf } from '../params/target.js';
import { ask$ } from './ask.js';

export function initiateMultipartUpload$(
  client: OpenClient,
  params: InitiateMultipartUploadParams,
): Observable<ObsResult<InitiateMultipartUploadOutput>> {
  return defer(() => {
    const target = objectOf(client, params);
    const { dialect } = client.signer;
    const headers = extraHeadersOf(params, dialect);
    const object = { contentType: contentTypeOf(target.key), ...objectOptionsOf(params), headers };
    requireSupported(object, dialect);
    const args = { ...target, object, sseCustomerKey: sseCKeyOf(params) };
    return ask$(client, params, initiateMultipartUpload(args, dialect), ({ uploadId: UploadId }) => ({
      Bucket: target.bucket,
      Key: target.key,
      UploadId,
    }));
  });
}
