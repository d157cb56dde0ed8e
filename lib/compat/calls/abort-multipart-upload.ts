import { defer, type Observable } from 'rxjs';
import { abortMultipartUpload } from '../../protocol/operations/abort-multipart-upload.js';
import type { OpenClient } from '../client/open-client.js';
import type { AbortMultipartUploadParams } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { uploadOf } from '../params/target.js';
import { ask$ } from './ask.js';

export function abortMultipartUpload$(
  client: OpenClient,
  params: AbortMultipartUploadParams,
): Observable<ObsResult<object>> {
  return defer(() => ask$(client, params, abortMultipartUpload(uploadOf(client, params)), () => ({})));
}
