import { sharedOf } from '../../connection/obs-connection.js';
import { requireText } from '../../validation/check.js';
import { requireBucket, requireKey } from '../../validation/target.js';
import type { OpenClient } from '../client/open-client.js';
import type { ObjectTarget, UploadTarget } from '../model/object-params.js';

interface KnownObject {
  readonly bucket: string;
  readonly key: string;
}

/** @throws InvalidOptionsError */
export function objectOf(client: OpenClient, { Bucket, Key }: ObjectTarget): KnownObject {
  return { bucket: bucketOf(client, Bucket), key: requireKey(Key) };
}

/** @throws InvalidOptionsError */
export function uploadOf(client: OpenClient, params: UploadTarget): KnownObject & { readonly uploadId: string } {
  return { ...objectOf(client, params), uploadId: requireText('UploadId', params.UploadId) };
}

/** @throws InvalidOptionsError */
export function bucketOf({ connection }: OpenClient, bucket: string): string {
  return requireBucket(bucket, sharedOf(connection).endpoint);
}
