import { catchError, of, throwError, type Observable } from 'rxjs';
import type { UploadCheckpoint } from '../../model/checkpoint.js';
import { IntegrityError } from '../../model/errors/integrity-error.js';
import type { UploadResult } from '../../model/event.js';
import type { Operation } from '../../model/operation.js';
import { compositeEtag, sameEtag } from '../../protocol/etag.js';
import type { HeadObjectResult } from '../../protocol/head-object.js';
import type { EtagEvidence } from '../parts/etag-evidence.js';
import { result, concatResult, type Activity, type Step } from '../step.js';
import type { SizedUpload } from '../upload.js';
import type { Completion } from './complete.js';
import { completed$, type Known } from './completed.js';
import { head$ } from './look.js';

/**
 * Emits the result, with how it was verified. Once the service has confirmed the upload, a different object under the
 * key is no reason to fail: another client may have overwritten it since.
 * @param evidence - what the parts have shown about the service's ETags
 */
export function verify$(
  upload: SizedUpload,
  { parts }: UploadCheckpoint,
  { response, found }: Completion,
  evidence: EtagEvidence,
): Observable<Activity> {
  const expected = compositeEtag(parts);
  if (response === undefined)
    return completed$(upload, { ...found, verified: verifiedBy(found, expected, upload.size) });
  if (sameEtag(response.etag, expected)) return completed$(upload, { ...response, verified: 'etag' });
  if (upload.checksum === 'md5' && evidence === 'md5' && contradicts(response.etag, expected)) {
    return throwError(() => notWhatWasSent('completeMultipartUpload'));
  }
  return confirm$(upload, response, expected);
}

/** Verifies with HEAD what the response left open. */
export function confirm$(
  upload: SizedUpload,
  response: Omit<Known, 'verified'>,
  expected: string | null,
): Observable<Activity> {
  const found$: Step<HeadObjectResult | null> = head$(upload).pipe(catchError(() => of(result(null))));
  return found$.pipe(
    concatResult((head) =>
      completed$(upload, {
        ...response,
        etag: response.etag || (head?.etag ?? ''),
        verified: head === null ? 'none' : verifiedBy(head, expected, upload.size),
      }),
    ),
  );
}

export function notWhatWasSent(operation: Operation): IntegrityError {
  return new IntegrityError(
    "The object's ETag is not the one of the bytes that were sent: the stored object is not the file. Upload it again.",
    { operation, resumable: false },
  );
}

/** Both are composite ETags of as many parts, and differ. Stores that compute theirs in another way contradict nothing. */
function contradicts(etag: string, expected: string | null): boolean {
  return expected !== null && /^[0-9a-f]{32}-\d+$/i.test(etag) && etag.split('-')[1] === expected.split('-')[1];
}

function verifiedBy(head: HeadObjectResult, expected: string | null, size: number): UploadResult['verified'] {
  if (sameEtag(head.etag, expected)) return 'etag';
  return head.size === size ? 'size' : 'none';
}
