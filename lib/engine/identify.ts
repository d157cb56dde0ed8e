import { concatMap, defer, from, map, reduce, type Observable } from 'rxjs';
import { toHex, utf8 } from '../hash/bytes.js';
import { createMd5 } from '../hash/md5.js';
import type { FileIdentity } from '../model/checkpoint.js';
import { sampleRanges } from '../plan/sample-ranges.js';
import { readRange$ } from './source-bytes.js';
import type { Upload } from './upload.js';

/** What tells this file from another one: its name, size, date, and a few slices of its content. */
export interface IdentifiedFile {
  readonly name: string | null;
  readonly size: number;
  readonly lastModified: number | null;
  /** MD5 (hex) over the slices. */
  readonly content: string;
}

export function identify$(upload: Upload): Observable<IdentifiedFile> {
  const { source, size, lastModified } = upload;
  return defer(() =>
    from(sampleRanges(size)).pipe(
      concatMap(([start, end]) => readRange$(upload, start, end)),
      reduce((md5, bytes) => md5.update(bytes), createMd5()),
      map((md5) => ({ name: source.name, size, lastModified, content: toHex(md5.digest()) })),
    ),
  );
}

/**
 * What a checkpoint says of the file. Whoever changes a checkpoint's part size, and so the places of its parts, has not
 * the file to make the sample anew.
 */
export function identityOf({ name, size, lastModified, content }: IdentifiedFile, partSize: number): FileIdentity {
  const sample = toHex(
    createMd5()
      .update(utf8(`${content} ${partSize}`))
      .digest(),
  );
  return { name, size, lastModified, sample };
}
