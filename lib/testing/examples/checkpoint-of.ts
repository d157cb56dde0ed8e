import type { FileIdentity, UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { exampleUpload, examplePart } from './example-upload.js';

/** How a checkpoint differs from the default one. */
export type CheckpointFields = Partial<Omit<UploadCheckpoint, 'version' | 'file'>> & {
  readonly file?: Partial<FileIdentity> | undefined;
};

/**
 * A checkpoint after the first of three parts, with the given fields replaced.
 *
 * @example
 * ```ts
 * const other = checkpointOf({ key: 'b.bin', file: { name: 'b.bin' } });
 * ```
 */
export function checkpointOf({ file, ...fields }: CheckpointFields = {}): UploadCheckpoint {
  const { server, bucket, key, uploadId, partSize, totalBytes } = exampleUpload;
  return {
    version: 1,
    server,
    bucket,
    key,
    uploadId,
    partSize,
    file: {
      name: key,
      size: totalBytes,
      lastModified: 1_700_000_000_000,
      sample: '92eb5ffee6ae2fec3ad71c777531578f',
      ...file,
    },
    object: { contentType: 'application/octet-stream' },
    sseCustomerKeyMd5: null,
    parts: [examplePart],
    ...fields,
  };
}
