import { catchError, concat, of, throwError } from 'rxjs';
import { SourceError } from '../errors/source-error.js';
import { toUploadErrorInfo } from '../errors/is-upload-error.js';
import type { FileIdentity, UploadCheckpoint } from '../model/checkpoint.js';
import { planParts } from '../plan/plan-parts.js';
import { keptParts } from '../plan/reconcile.js';
import { whenDone, type Activity, type Step } from './activity.js';
import { listAllParts$ } from './list-all-parts.js';
import { isForbidden } from './refusals.js';
import { begin$, type Session } from './session.js';
import type { Upload } from './upload.js';

/** Goes on where a checkpoint stands: for the same file only, with what the server has of it. */
export function resume$(upload: Upload, file: FileIdentity, checkpoint: UploadCheckpoint): Step<Session> {
  if (!isSameFile(file, checkpoint.file)) return throwError(() => otherFile());
  const plan = planParts(upload.source.size, checkpoint.partSize);
  return listAllParts$(upload, checkpoint).pipe(
    whenDone((onServer): Step<Session> => begin$(upload, checkpoint, keptParts(plan, checkpoint.parts, onServer))),
    catchError((error: unknown) =>
      isForbidden(error) ? believe$(upload, checkpoint, error) : throwError(() => error),
    ),
  );
}

/** Where parts may not be listed, the checkpoint is all there is to go by; complete will tell. */
function believe$(upload: Upload, checkpoint: UploadCheckpoint, error: unknown): Step<Session> {
  const warning: Activity = { type: 'warning', error: toUploadErrorInfo(error) };
  return concat(of(warning), begin$(upload, checkpoint, checkpoint.parts));
}

/** A Blob has neither name nor date: what is unknown says nothing against it. */
function isSameFile(now: FileIdentity, then: FileIdentity): boolean {
  return (
    now.size === then.size &&
    now.sample === then.sample &&
    agree(now.name, then.name) &&
    agree(now.lastModified, then.lastModified)
  );
}

function agree<T>(now: T | null, then: T | null): boolean {
  return now === null || then === null || now === then;
}

function otherFile(): SourceError {
  return new SourceError(
    'source-changed',
    'This is not the file that the checkpoint belongs to, or it has changed since. Choose the same file, or start anew without the checkpoint.',
  );
}
