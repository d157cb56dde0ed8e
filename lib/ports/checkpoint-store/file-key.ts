import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';

/** What a handle is stored for: known before the upload starts, and part of its checkpoint later. */
export interface FileTarget {
  readonly bucket: string;
  readonly key: string;
  readonly file: Pick<FileIdentity, 'name' | 'size' | 'lastModified'>;
}

/** The name under which the handle of a file is stored. */
export function fileKeyOf({ bucket, key, file }: FileTarget): string {
  return JSON.stringify([bucket, key, file.name, file.size, file.lastModified]);
}
