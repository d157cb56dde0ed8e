import { defer, type Observable } from 'rxjs';
import { contentTypeOf } from '../../protocol/request/content-type.js';
import { requireSupported } from '../../protocol/dialect.js';
import { putObject } from '../../protocol/operations/put-object.js';
import type { OpenClient } from '../client/open-client.js';
import type {
  CreateSignedUrlOutput,
  CreateSignedUrlParams,
  GetObjectMetadataOutput,
  GetObjectMetadataParams,
  PutObjectOutput,
  PutObjectParams,
} from '../model/object.js';
import type { ObsResult } from '../model/result.js';
import { bodyOf, contentMd5Of } from '../params/body.js';
import { extraHeadersOf } from '../params/extra-headers.js';
import { objectOptionsOf } from '../params/object-options.js';
import { sseCKeyOf } from '../params/sse.js';
import { objectOf } from '../params/target.js';
import { callbackOutput, headerOutput, metadataHeaders, metadataOutput, putHeaders } from '../results/outputs.js';
import { ask$, withQuery } from './ask.js';
import { headObject } from '../../protocol/operations/head-object.js';
import { createSignedUrl, METHODS } from '../../create-signed-url.js';
import { requireOneOf } from '../../validation/check.js';
import { sharedOf } from '../../connection/obs-connection.js';

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

const DEFAULT_EXPIRES_SECONDS = 300;

/** @throws InvalidOptionsError */
export function signedUrlOf(
  { connection, credentials, signer }: OpenClient,
  { Method, Bucket, Key, SpecialParam, Expires, Headers, QueryParams }: CreateSignedUrlParams,
): CreateSignedUrlOutput {
  const { endpoint, clock } = sharedOf(connection);
  const seconds = Number.parseInt(String(Expires), 10);
  const { url, headers } = createSignedUrl({
    server: connection.server,
    addressing: endpoint.addressing,
    allowInsecure: true,
    credentials: credentials.credentials,
    signer,
    method: requireOneOf('Method', Method ?? 'GET', METHODS),
    bucket: Bucket,
    key: Key === undefined || Key === '' ? null : Key,
    query: {
      ...Object.fromEntries(
        Object.entries(QueryParams ?? {}).map(([name, value]) => [name, value === '' ? null : value]),
      ),
      ...(SpecialParam ? { [SpecialParam]: null } : {}),
    },
    headers: Headers ?? {},
    expiresInSeconds: seconds > 0 ? seconds : DEFAULT_EXPIRES_SECONDS,
    // By the best estimate of the service's clock.
    requestDate: new Date(clock.now()),
  });
  return { ActualSignedRequestHeaders: headers, SignedUrl: url };
}
