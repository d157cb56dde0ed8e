import { catchError, concat, of, throwError, type Observable } from 'rxjs';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { NetworkError } from '../../model/errors/network-error.js';
import { ServiceError } from '../../model/errors/service-error.js';
import { withParts, type UploadCheckpoint } from '../../model/checkpoint.js';
import { planParts } from '../../model/parts.js';
import { keptParts, missingParts } from '../../model/reconcile.js';
import { done, whenDone, type Activity, type Step } from '../step.js';
import { complete$, type Completion } from './complete.js';
import { listAllParts$ } from '../session/list-all-parts.js';
import { isForbidden } from '../../protocol/classify-error.js';
import type { Whole } from '../session/restart.js';
import { transfer$ } from '../parts/send-parts.js';
import type { Upload } from '../upload.js';
import { verify$ } from './verify.js';

/** Parts that the service turns out not to have are sent again, this often. */
const MAX_REPAIRS = 2;

/** Makes the object of its parts, unless it is there already, and checks that it is the one that was meant. */
export function close$(upload: Upload, { checkpoint, found }: Whole): Observable<Activity> {
  const completing: Activity = { type: 'completing' };
  if (found !== null) return concat(of(completing), verify$(upload, checkpoint, { found }));
  return concat(
    of(completing),
    withEtags$(upload, checkpoint).pipe(
      whenDone((known) => assemble$(upload, known, MAX_REPAIRS)),
      whenDone(({ checkpoint: final, completion }) => verify$(upload, final, completion)),
    ),
  );
}

interface Assembled {
  readonly checkpoint: UploadCheckpoint;
  readonly completion: Completion;
}

function assemble$(upload: Upload, checkpoint: UploadCheckpoint, repairsLeft: number): Step<Assembled> {
  return complete$(upload, checkpoint).pipe(
    whenDone((completion): Step<Assembled> => of(done({ checkpoint, completion }))),
    catchError((error: unknown): Step<Assembled> => {
      if (!isInvalidPart(error) || repairsLeft === 0) return throwError(() => error);
      const warning: Activity = { type: 'warning', error: toUploadErrorInfo(error) };
      const repaired$ = repair$(upload, checkpoint, () => error);
      return concat(of(warning), repaired$.pipe(whenDone((whole) => assemble$(upload, whole, repairsLeft - 1))));
    }),
  );
}

/** Where CORS hid an ETag when its part was sent, the list of parts still tells it. */
function withEtags$(upload: Upload, checkpoint: UploadCheckpoint): Step<UploadCheckpoint> {
  if (checkpoint.parts.every((part) => part.etag !== '')) return of(done(checkpoint));
  return repair$(upload, checkpoint, hiddenEtags);
}

/**
 * Takes the server's word for which parts there are, and sends what is missing or different.
 * @param forbidden - what to fail with where parts may not be listed
 */
function repair$(
  upload: Upload,
  checkpoint: UploadCheckpoint,
  forbidden: (cause: unknown) => unknown,
): Step<UploadCheckpoint> {
  const plan = planParts(upload.size, upload.partSize);
  return listAllParts$(upload, checkpoint).pipe(
    catchError((cause: unknown) => throwError(() => (isForbidden(cause) ? forbidden(cause) : cause))),
    whenDone((onServer): Step<UploadCheckpoint> => {
      const kept = keptParts(plan, checkpoint.parts, onServer);
      const known = withParts(checkpoint, kept);
      return concat(
        of<Activity>({ type: 'checkpoint', checkpoint: known }),
        transfer$(upload, { checkpoint: known, missing: missingParts(plan, kept) }),
      );
    }),
  );
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
