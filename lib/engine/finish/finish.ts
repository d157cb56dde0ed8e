import { catchError, concat, map, of, throwError, type Observable } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { NetworkError } from '../../model/errors/network-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import { withParts } from '../../model/checkpoint.js';
import { planParts } from '../../model/parts.js';
import { matchingParts, missingParts } from '../../model/reconcile.js';
import { result, isResult, concatResult, type Activity, type Step } from '../step.js';
import { complete$, type Completion } from './complete.js';
import { listAllParts$ } from '../session/list-all-parts.js';
import { isForbidden } from '../../protocol/classify-error.js';
import type { TransferResult } from '../session/restart.js';
import { combine, type EtagEvidence } from '../parts/etag-evidence.js';
import { transfer$, type Transferred } from '../parts/send-parts.js';
import type { Upload } from '../upload.js';
import { verify$ } from './verify.js';

/** Parts that the service turns out not to have are sent again, this often. */
const MAX_REPAIRS = 2;

/** Makes the object of its parts, unless it is there already, and checks that it is the one that was meant. */
export function close$(upload: Upload, { checkpoint, evidence, found }: TransferResult): Observable<Activity> {
  const completing: Activity = { type: 'completing' };
  if (found !== null) return concat(of(completing), verify$(upload, checkpoint, { found }, evidence));
  return concat(
    of(completing),
    withEtags$(upload, { checkpoint, evidence }).pipe(
      concatResult((known) => assemble$(upload, known, MAX_REPAIRS)),
      concatResult(({ completion, ...known }) => verify$(upload, known.checkpoint, completion, known.evidence)),
    ),
  );
}

interface Assembled extends Transferred {
  readonly completion: Completion;
}

function assemble$(upload: Upload, known: Transferred, repairsLeft: number): Step<Assembled> {
  return complete$(upload, known.checkpoint).pipe(
    concatResult((completion): Step<Assembled> => of(result({ ...known, completion }))),
    catchError((error: unknown): Step<Assembled> => {
      if (!isInvalidPart(error) || repairsLeft === 0) return throwError(() => error);
      const warning: Activity = { type: 'warning', error: toUploadErrorInfo(error) };
      const repaired$ = repair$(upload, known, () => error);
      return concat(of(warning), repaired$.pipe(concatResult((whole) => assemble$(upload, whole, repairsLeft - 1))));
    }),
  );
}

/** Where CORS hid an ETag when its part was sent, the list of parts still tells it. */
function withEtags$(upload: Upload, known: Transferred): Step<Transferred> {
  if (known.checkpoint.parts.every((part) => part.etag !== '')) return of(result(known));
  return repair$(upload, known, hiddenEtags);
}

/**
 * Takes the server's word for which parts there are, and sends what is missing or different.
 * @param forbidden - what to fail with where parts may not be listed
 */
function repair$(
  upload: Upload,
  { checkpoint, evidence }: Transferred,
  forbidden: (cause: unknown) => unknown,
): Step<Transferred> {
  const plan = planParts(upload.size, upload.partSize);
  return listAllParts$(upload, checkpoint).pipe(
    catchError((cause: unknown) => throwError(() => (isForbidden(cause) ? forbidden(cause) : cause))),
    concatResult((onServer): Step<Transferred> => {
      const kept = matchingParts(plan, checkpoint.parts, onServer);
      const known = withParts(checkpoint, kept);
      return concat(
        of<Activity>({ type: 'checkpoint', checkpoint: known }),
        transfer$(upload, { checkpoint: known, missing: missingParts(plan, kept) }).pipe(
          map((activity) => (isResult(activity) ? result(withEvidence(activity.value, evidence)) : activity)),
        ),
      );
    }),
  );
}

function withEvidence({ checkpoint, evidence }: Transferred, before: EtagEvidence): Transferred {
  return { checkpoint, evidence: combine(before, evidence) };
}

function isInvalidPart(error: unknown): boolean {
  return error instanceof ServiceError && error.serviceCode === 'InvalidPart';
}

function hiddenEtags(cause: unknown): NetworkError {
  return new NetworkError(
    'cors-expose',
    'The browser hides the ETag of uploaded parts, and they could not be listed either. ' +
      "Add ETag to ExposeHeader in the bucket's CORS rule; the parts are kept.",
    { operation: 'completeMultipartUpload', cause },
  );
}
