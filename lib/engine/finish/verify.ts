import { catchError, of, throwError, type Observable } from 'rxjs';
import { IntegrityError } from '../../model/errors/integrity-error.js';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import type { UploadResult } from '../../model/event.js';
import { compositeEtag } from '../../protocol/etag.js';
import type { HeadObjectResult } from '../../protocol/head-object.js';
import { done, whenDone, type Activity, type Step } from '../step.js';
import type { Completion } from './complete.js';
import { completed$, type Known } from './completed.js';
import { head$ } from './look.js';
import type { Upload } from '../upload.js';

/**
 * Tells the result and how sure it is. Once the service has said yes, what lies under the key is no reason to fail:
 * another writer may have come since.
 */
export function verify$(
  upload: Upload,
  { parts }: UploadCheckpoint,
  { answer, found }: Completion,
): Observable<Activity> {
  const expected = compositeEtag(parts);
  if (answer === undefined) {
    return completed$(upload, { ...found, verified: isExpected(found.etag, expected) ? 'etag' : 'none' });
  }
  if (isExpected(answer.etag, expected)) return completed$(upload, { ...answer, verified: 'etag' });
  if (upload.checksum === 'md5' && contradicts(answer.etag, expected)) return throwError(notWhatWasSent);
  return confirm$(upload, answer, expected);
}

/** What the answer leaves open, HEAD may tell. */
export function confirm$(
  upload: Upload,
  answer: Omit<Known, 'verified'>,
  expected: string | null,
): Observable<Activity> {
  const seen$: Step<HeadObjectResult | null> = head$(upload).pipe(catchError(() => of(done(null))));
  return seen$.pipe(
    whenDone((head) =>
      completed$(upload, {
        ...answer,
        etag: answer.etag || (head?.etag ?? ''),
        verified: verifiedBy(head, expected, upload.size),
      }),
    ),
  );
}

/** Both are composite ETags of as many parts, and differ. Stores that compute theirs in another way contradict nothing. */
function contradicts(etag: string, expected: string | null): boolean {
  return expected !== null && /^[0-9a-f]{32}-\d+$/i.test(etag) && etag.split('-')[1] === expected.split('-')[1];
}

function notWhatWasSent(): IntegrityError {
  return new IntegrityError(
    "The object's ETag is not the one of the parts that were sent: the stored object is not the file. Upload it again.",
    { operation: 'completeMultipartUpload', resumable: false },
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
