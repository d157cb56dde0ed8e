import type { UploadResult } from '../../model/upload/event.js';
import { exampleUpload } from './example-upload.js';

/**
 * The result of the example upload, with the given fields replaced.
 *
 * @example
 * ```ts
 * const result = resultOf({ verified: 'size' });
 * ```
 */
export function resultOf(fields: Partial<UploadResult> = {}): UploadResult {
  const { bucket, key, totalBytes } = exampleUpload;
  return {
    bucket,
    key,
    location: 'https://media.obs.test/a.bin',
    etag: '900150983cd24fb0d6963f7d28e17f72-3',
    versionId: null,
    requestId: 'test-request',
    totalBytes,
    verified: 'etag',
    ...fields,
  };
}
