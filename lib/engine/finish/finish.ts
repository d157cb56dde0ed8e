import { catchError, concat, map, of, throwError, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { NetworkError, ServiceError } from '../../model/errors/errors.js';
import { withParts, type UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { partCountOf } from '../../model/checkpoint/parts.js';
import { matchingParts, totalSize } from '../../model/checkpoint/reconcile.js';
import { concatResult, isResult, result, type Activity, type Step } from '../step.js';
import { finalize$, type Finalized } from './finalize.js';
import { complete$, type Completion } from './complete.js';
import { listAllParts$ } from '../session/verify-parts.js';
import { isForbidden } from '../../protocol/errors/classify-error.js';
import type { TransferResult } from '../session/restart.js';
import { combine, type EtagEvidence } from '../parts/body-digest.js';
import { sentSize } from '../parts/read-source.js';
import { knownParts } from '../parts/growing.js';
import { transfer$, type Transferred } from '../parts/send-parts.js';
import type { SizedUpload, Upload } from '../upload.js';
import { verify$ } from './verify.js';

/** How often parts that the service turns out not to have are sent again. */
const MAX_REPAIRS = 2;

/** Completes the upload, unless that has been done already, and verifies the object. */
export function close$(transferring: Upload, { checkpoint, evidence, found }: TransferResult): Observable<Activity> {
  const upload = sizedBy(transferring, checkpoint);
  const completing: Activity = { type: 'completing' };
  if (found !== null) return concat(of(completing), verify$(upload, checkpoint, { found }, evidence));
  return concat(
    of(completing),
    withEtags$(upload, { checkpoint, evidence }).pipe(
      concatResult((known) => assemble$(upload, known, MAX_REPAIRS)),
      concatResult(({ completion, ...known }) => verify$(known.upload, known.checkpoint, completion, known.evidence)),
    ),
  );
}

/** All parts are there: what was a stream has a size. */
function sizedBy(upload: Upload, { file, parts }: UploadCheckpoint): SizedUpload {
  const size = file.size ?? upload.source.size ?? totalSize(parts);
  return { ...upload, size, partCount: partCountOf(size, upload.partSize) };
}

interface Assembled extends Finalized {
  readonly completion: Completion;
}

function assemble$(upload: SizedUpload, known: Transferred, repairsLeft: number): Step<Assembled> {
  return finalize$(upload, known).pipe(
    concatResult((finalized): Step<Assembled> =>
      complete$(finalized.upload, finalized.checkpoint).pipe(
        concatResult((completion): Step<Assembled> => of(result({ ...finalized, completion }))),
      ),
    ),
    catchError((error: unknown): Step<Assembled> => {
      if (!isInvalidPart(error) || repairsLeft === 0) return throwError(() => error);
      const warning: Activity = { type: 'warning', error: toUploadErrorInfo(error) };
      const repaired$ = repair$(upload, known, () => error);
      return concat(
        of(warning),
        repaired$.pipe(concatResult((transferred) => assemble$(upload, transferred, repairsLeft - 1))),
      );
    }),
  );
}

/** An ETag that CORS hid when its part was sent is in the list of parts. */
function withEtags$(upload: Upload, known: Transferred): Step<Transferred> {
  if (known.checkpoint.parts.every((part) => part.etag !== '')) return of(result(known));
  return repair$(upload, known, hiddenEtags);
}

/**
 * Sends the parts that are missing from the server's list or differ from it.
 * @param forbidden - makes the error if parts may not be listed
 */
function repair$(
  upload: Upload,
  { checkpoint, evidence }: Transferred,
  forbidden: (cause: unknown) => unknown,
): Step<Transferred> {
  return listAllParts$(upload, checkpoint).pipe(
    mapError((cause) => (isForbidden(cause) ? forbidden(cause) : cause)),
    concatResult((onServer): Step<Transferred> => {
      const matching = matchingParts(knownParts(upload), checkpoint.parts, onServer, (part) =>
        sentSize(upload.transform, part),
      );
      const known = withParts(checkpoint, matching);
      return concat(
        of<Activity>({ type: 'checkpoint', checkpoint: known }),
        transfer$(upload, { checkpoint: known }).pipe(
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
      "Add ETag to ExposeHeader in the bucket's CORS rule; the parts stay on the server.",
    { operation: 'completeMultipartUpload', cause },
  );
}
