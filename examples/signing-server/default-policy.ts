import type { Addressing } from 'rx-obs-upload';
import type { SigningPolicy } from './policy/policy.js';

const MIB = 1024 * 1024;

/** A policy to begin with: OBS, one bucket, files of up to 10 GiB, no header and no type but the harmless ones. */
export function defaultPolicy({
  server,
  bucket,
  addressing = 'virtual-hosted',
}: {
  readonly server: string;
  readonly bucket: string;
  readonly addressing?: Addressing;
}): SigningPolicy {
  return {
    server,
    addressing,
    buckets: [bucket],
    headerPrefix: 'x-obs-',
    allowedHeaders: [],
    maxPartBytes: 64 * MIB,
    maxObjectBytes: 10 * 1024 * MIB,
    maxPutBytes: 64 * MIB,
    expiresInSeconds: 300,
    maxUnfinishedUploads: 200,
    maxStoreCallsPerMinute: 600,
  };
}
