import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import { blobSource } from './blob-source.js';
import type { UploadSource } from './upload-source.js';

/** @throws InvalidOptionsError where it is neither a File, a Blob nor an `UploadSource` */
export function toUploadSource(sourceFile: unknown): UploadSource {
  if (typeof sourceFile === 'object' && sourceFile !== null && 'slice' in sourceFile && 'size' in sourceFile) {
    if ('read' in sourceFile) return sourceFile as UploadSource;
    if ('arrayBuffer' in sourceFile) return blobSource(sourceFile as Blob);
  }
  throw new InvalidOptionsError('sourceFile', 'sourceFile must be a File, a Blob or an UploadSource.');
}
