import type { Observable } from 'rxjs';
import type { UploadCheckpoint } from '../model/checkpoint.js';
import type { UploadResult } from '../model/event.js';
import { compositeEtag } from '../protocol/etag.js';
import type { HeadObjectResult } from '../protocol/head-object.js';
import { whenDone, type Activity } from './activity.js';
import type { Completion } from './complete.js';
import { completed$ } from './completed.js';
import { head$ } from './look.js';
import type { Upload } from './upload.js';

/**
 * Tells the result and how sure it is. Once the service has said yes, what lies under the key is no reason to fail:
 * another writer may have come since.
 */
export function verify$(
  upload: Upload,
  { parts, file }: UploadCheckpoint,
  { answer, found }: Completion,
): Observable<Activity> {
  const expected = compositeEtag(parts);
  if (answer === undefined) {
    return completed$(upload, { ...found, verified: isExpected(found.etag, expected) ? 'etag' : 'none' });
  }
  if (isExpected(answer.etag, expected)) return completed$(upload, { ...answer, verified: 'etag' });
  return head$(upload).pipe(
    whenDone((head) =>
      completed$(upload, {
        ...answer,
        etag: answer.etag || (head?.etag ?? ''),
        verified: verifiedBy(head, expected, file.size),
      }),
    ),
  );
}

function verifiedBy(head: HeadObjectResult | null, expected: string | null, size: number): UploadResult['verified'] {
  if (head === null) return 'none';
  if (isExpected(head.etag, expected)) return 'etag';
  return head.size === size ? 'size' : 'none';
}

function isExpected(etag: string, expected: string | null): boolean {
  return etag !== '' && etag.toLowerCase() === expected;
}
