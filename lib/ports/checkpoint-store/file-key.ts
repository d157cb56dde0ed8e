import type { FileIdentity } from '../../model/checkpoint.js';

/** What a handle is kept for: known before the upload begins, and told by its checkpoint after. */
export interface FileTarget {
  readonly bucket: string;
  readonly key: string;
  readonly file: Pick<FileIdentity, 'name' | 'size' | 'lastModified'>;
}

/** The name under which the handle of a file is kept. */
export function fileKeyOf({ bucket, key, file }: FileTarget): string {
  return JSON.stringify([bucket, key, file.name, file.size, file.lastModified]);
}
