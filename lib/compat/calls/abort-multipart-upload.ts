import { defer, type Observable } from 'rxjs';
import { buildAbortMultipartUpload, readAbortMultipartUpload } from '../../protocol/abort-multipart-upload.js';
import type { OpenClient } from '../client/open-client.js';
import type { AbortMultipartUploadParams } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { uploadOf } from '../params/target.js';
import { ask$ } from './ask.js';

export function abortMultipartUpload$(
  client: OpenClient,
  params: AbortMultipartUploadParams,
): Observable<ObsResult<object>> {
  return defer(() =>
    ask$(client, params, buildAbortMultipartUpload(uploadOf(client, params)), (response, context) => {
      readAbortMultipartUpload(response, context);
      return {};
    }),
  );
}
