import { defer, type Observable } from 'rxjs';
import { contentTypeOf } from '../../protocol/request/content-type.js';
import { requireSupported } from '../../protocol/dialect.js';
import { putObject } from '../../protocol/operations/put-object.js';
import type { OpenClient } from '../client/open-client.js';
import type { PutObjectOutput, PutObjectParams } from '../model/object.js';
import type { ObsResult } from '../model/result.js';
import { bodyOf, contentMd5Of } from '../params/body.js';
import { extraHeadersOf } from '../params/extra-headers.js';
import { objectOptionsOf } from '../params/object-options.js';
import { sseCKeyOf } from '../params/sse.js';
import { objectOf } from '../params/target.js';
import { callbackOutput, headerOutput, putHeaders } from '../results/outputs.js';
import { ask$ } from './ask.js';

export function putObject$(client: OpenClient, params: PutObjectParams): Observable<ObsResult<PutObjectOutput>> {
  return defer(() => {
    const target = objectOf(client, params);
    const { body, type, name } = bodyOf(params, params.ContentLength);
    const { dialect } = client.signer;
    const headers = extraHeadersOf(params, dialect);
    const object = { contentType: type || contentTypeOf(target.key, name), ...objectOptionsOf(params), headers };
    requireSupported(object, dialect);
    const hasCallback = object.callback !== undefined;
    const args = { ...target, body, object, contentMd5: contentMd5Of(params), sseCustomerKey: sseCKeyOf(params) };
    return ask$(client, params, putObject(args, dialect), (_, response): PutObjectOutput => ({
      ...headerOutput(response, putHeaders),
      ...(hasCallback ? callbackOutput(response) : {}),
    }));
  });
}
