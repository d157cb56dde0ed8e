import { combineChecksums } from './checksum.js';
import type { ObsConfig } from './config.js';
import { compositeEtag } from './etag.js';
import type { ObjectRecord, PartRecord, UploadRecord } from './state.js';

/** The object that complete makes of an upload's parts. */
export function assemble(
  { bucket, key, account, headers, uploadId }: UploadRecord,
  parts: readonly PartRecord[],
  { modifiedAt, bytesId }: Pick<ObjectRecord, 'modifiedAt' | 'bytesId'>,
  config: ObsConfig,
): ObjectRecord {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const etags = parts.map((part) => part.etag);
  const checksum = combineChecksums(parts);
  return {
    bucket,
    key,
    size,
    etag: compositeEtag(etags, headers, config),
    modifiedAt,
    account,
    headers,
    uploadId,
    bytesId,
    ...(checksum && { checksum }),
  };
}
