import {
  catchError,
  concat,
  concatMap,
  EMPTY,
  filter,
  from,
  map,
  of,
  switchMap,
  throwError,
  toArray,
  type Observable,
} from 'rxjs';
import { SourceError } from '../../model/errors/source-error.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { toHex } from '../../ports/hash/bytes.js';
import type { FileIdentity, UploadCheckpoint, UploadedPart } from '../../model/checkpoint.js';
import { partAt, planParts } from '../../model/parts.js';
import { keptParts } from '../../model/reconcile.js';
import { isMd5 } from '../../protocol/etag.js';
import { whenDone, type Activity, type Step } from '../step.js';
import { deferOpen } from '../call/defer-open.js';
import { md5$ } from '../parts/digest.js';
import { listAllParts$ } from './list-all-parts.js';
import { isForbidden } from '../../protocol/classify-error.js';
import { begin$, type Session } from './session.js';
import { sliceOf } from '../parts/read-source.js';
import type { Upload } from '../upload.js';

/** Goes on where a checkpoint stands: for the same file only, with what the server has of it. */
export function resume$(upload: Upload, file: FileIdentity, checkpoint: UploadCheckpoint): Step<Session> {
  if (!isSameFile(file, checkpoint.file)) return throwError(otherFile);
  const plan = planParts(upload.source.size, checkpoint.partSize);
  return listAllParts$(upload, checkpoint).pipe(
    whenDone((onServer): Step<Session> => {
      const kept = keptParts(plan, checkpoint.parts, onServer);
      if (upload.verifyResume === 'parts') {
        return concat(requireSameParts$(upload, kept), begin$(upload, checkpoint, kept));
      }
      if (isVouchedFor(onServer, checkpoint)) return begin$(upload, checkpoint, kept);
      return sameParts$(upload, kept).pipe(switchMap((same) => begin$(upload, checkpoint, same)));
    }),
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

/**
 * A part known to both shows that the upload is the checkpoint's own. Without any, or where one differs, it could be
 * another file's.
 */
function isVouchedFor(onServer: readonly UploadedPart[], { parts }: UploadCheckpoint): boolean {
  const remembered = new Map(parts.map(({ partNumber, etag }) => [partNumber, etag]));
  const known = onServer.filter(({ partNumber }) => remembered.has(partNumber));
  // An ETag that CORS hid says nothing against its part.
  const agrees = ({ partNumber, etag }: UploadedPart): boolean => (remembered.get(partNumber) || etag) === etag;
  return known.length > 0 && known.every(agrees);
}

/** Those finished parts that are the file's own bytes, by their MD5: what differs, or has none, is sent again. */
function sameParts$(upload: Upload, parts: readonly UploadedPart[]): Observable<readonly UploadedPart[]> {
  return from(parts).pipe(
    concatMap((part) =>
      isSame$(upload, part).pipe(
        filter(Boolean),
        map(() => part),
      ),
    ),
    toArray(),
  );
}

/** Completes where all finished parts are the file's own bytes, by their MD5 as far as ETags are MD5s. */
function requireSameParts$(upload: Upload, parts: readonly UploadedPart[]): Observable<never> {
  return from(parts.filter(({ etag }) => isMd5(etag))).pipe(
    concatMap((part) => isSame$(upload, part)),
    concatMap((isSame) => (isSame ? EMPTY : throwError(otherFile))),
  );
}

function isSame$(upload: Upload, { partNumber, etag }: UploadedPart): Observable<boolean> {
  if (!isMd5(etag)) return of(false);
  const part = partAt(upload.size, upload.partSize, partNumber);
  return deferOpen(() => md5$(upload, sliceOf(upload, part))).pipe(map((md5) => toHex(md5) === etag.toLowerCase()));
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
