import type { Checksum } from '../../model/checksum.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { combinedChecksum } from '../../protocol/request/checksum.js';
import { isShown } from '../../validation/dialect-options.js';
import type { Upload } from '../upload.js';

/** The object's checksum by those of its parts; null where that is not asked for, or one of a part is not known. */
export function expectedChecksum(checksum: Upload['checksum'], parts: readonly UploadedPart[]): Checksum | null {
  return isShown(checksum) ? combinedChecksum(checksum, parts) : null;
}
