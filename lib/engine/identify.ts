import { concatMap, defer, from, map, reduce, type Observable } from 'rxjs';
import { toHex, utf8 } from '../hash/bytes.js';
import { createMd5 } from '../hash/md5.js';
import type { FileIdentity } from '../model/checkpoint.js';
import { sampleRanges } from '../plan/sample-ranges.js';
import { readRange$ } from './source-bytes.js';
import type { Upload } from './upload.js';

/** What tells this file from another one: its name, size, date, and a few slices of its content. */
export function identify$(upload: Upload): Observable<FileIdentity> {
  const { source, size, lastModified, partSize } = upload;
  return defer(() =>
    from(sampleRanges(size)).pipe(
      concatMap(([start, end]) => readRange$(upload, start, end)),
      reduce((md5, bytes) => md5.update(bytes), createMd5()),
      // Whoever changes a checkpoint's part size, and so the places of its parts, has not the file to make this anew.
      map((md5) => ({
        name: source.name,
        size,
        lastModified,
        sample: toHex(md5.update(utf8(`${partSize}`)).digest()),
      })),
    ),
  );
}
