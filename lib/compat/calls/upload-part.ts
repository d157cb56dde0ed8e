import { defer, type Observable } from 'rxjs';
import { requireInteger } from '../../validation/check.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/limits.js';
import { uploadPart } from '../../protocol/operations/upload-part.js';
import type { OpenClient } from '../client/open-client.js';
import type { UploadPartOutput, UploadPartParams } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { bodyOf, contentMd5Of } from '../params/body.js';
import { sseCKeyOf } from '../params/sse.js';
import { uploadOf } from '../params/target.js';
import { headerOutput, partHeaders } from '../results/outputs.js';
import { ask$ } from './ask.js';

export function uploadPart$(client: OpenClient, params: UploadPartParams): Observable<ObsResult<UploadPartOutput>> {
  return defer(() => {
    const args = {
      ...uploadOf(client, params),
      partNumber: requireInteger('PartNumber', Number(params.PartNumber), 1, MAX_PART_COUNT),
      body: bodyOf(params, params.PartSize).body,
      contentMd5: contentMd5Of(params),
      sseCustomerKey: sseCKeyOf(params),
    };
    return ask$(client, params, uploadPart(args, client.signer.dialect), (_, response) =>
      headerOutput(response, partHeaders),
    );
  });
}
