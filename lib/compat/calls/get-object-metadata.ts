import { defer, type Observable } from 'rxjs';
import { headObject } from '../../protocol/operations/head-object.js';
import type { OpenClient } from '../client/open-client.js';
import type { GetObjectMetadataOutput, GetObjectMetadataParams } from '../model/object.js';
import type { ObsResult } from '../model/result.js';
import { sseCKeyOf } from '../params/sse.js';
import { objectOf } from '../params/target.js';
import { headerOutput, metadataHeaders, metadataOutput } from '../results/outputs.js';
import { ask$ } from './ask.js';
import { withQuery } from './page.js';

export function getObjectMetadata$(
  client: OpenClient,
  params: GetObjectMetadataParams,
): Observable<ObsResult<GetObjectMetadataOutput>> {
  return defer(() => {
    const args = { ...objectOf(client, params), sseCustomerKey: sseCKeyOf(params) };
    const operation = withQuery(headObject(args, client.signer.dialect), { versionId: params.VersionId });
    return ask$(client, params, operation, (_, response) => ({
      ...headerOutput(response, metadataHeaders),
      Metadata: metadataOutput(response),
    }));
  });
}
