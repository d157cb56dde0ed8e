import { createSignedUrl, METHODS } from '../../create-signed-url.js';
import { requireOneOf } from '../../validation/check.js';
import { sharedOf } from '../../connection/obs-connection.js';
import type { OpenClient } from '../client/open-client.js';
import type { CreateSignedUrlOutput, CreateSignedUrlParams } from '../model/object.js';

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
