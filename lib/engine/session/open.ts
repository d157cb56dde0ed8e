import { catchError, concat, of, switchMap, throwError, type Observable } from 'rxjs';
import type { FileIdentity, UploadCheckpoint, UploadedPart } from '../../model/checkpoint/checkpoint.js';
import { concatResult, type Activity, type Step } from '../step.js';
import { begin$, initiate$, type Session } from './session.js';
import type { Upload } from '../upload.js';
import { toUploadErrorInfo } from '../../model/errors/is-upload-error.js';
import { matchingParts } from '../../model/checkpoint/reconcile.js';
import { listAllParts$, ownParts$, provenParts$ } from './verify-parts.js';
import { isForbidden } from '../../protocol/errors/classify-error.js';
import { sameEtag } from '../../protocol/response/etag.js';
import { isGrowing, knownParts, withAcknowledged } from '../parts/growing.js';
import { sentSize } from '../parts/read-source.js';
import { hasSameContent, hasSameName, otherFile, otherName } from './identify.js';

export function open$(upload: Upload, file: FileIdentity): Step<Session> {
  return upload.checkpoint === null ? initiate$(upload, file) : resume$(upload, file, upload.checkpoint);
}

/** Resumes from a checkpoint, for the same file only, with the parts that the server has. */
export function resume$(upload: Upload, file: FileIdentity, given: UploadCheckpoint): Step<Session> {
  if (!hasSameContent(file, given.file)) return throwError(otherFile);
  if (upload.verifyResume === 'sample' && !hasSameName(file, given.file)) return throwError(otherName);
  const checkpoint = given.file.sample === '' || isGrowing(upload.source) ? { ...given, file } : given;
  const remembered = withAcknowledged(upload.source, checkpoint);
  return listAllParts$(upload, checkpoint).pipe(
    concatResult((onServer): Step<Session> =>
      verified$(upload, remembered, matched(upload, remembered, onServer), onServer).pipe(
        switchMap((parts) => begin$(upload, checkpoint, parts)),
      ),
    ),
    catchError((error: unknown) => (isForbidden(error) ? trust$(upload, remembered, error) : throwError(() => error))),
  );
}

function matched(
  upload: Upload,
  { parts }: UploadCheckpoint,
  onServer: readonly UploadedPart[],
): readonly UploadedPart[] {
  return matchingParts(knownParts(upload), parts, onServer, (part) => sentSize(upload.transform, part));
}

function verified$(
  upload: Upload,
  checkpoint: UploadCheckpoint,
  matching: readonly UploadedPart[],
  onServer: readonly UploadedPart[],
): Observable<readonly UploadedPart[]> {
  if (isProofRequired(upload)) return provenParts$(upload, checkpoint, matching);
  return isVouchedFor(onServer, checkpoint) ? of(matching) : ownParts$(upload, matching);
}

/**
 * If parts may not be listed, trusts the checkpoint: complete fails if it is wrong, but not if a part is missing. So what
 * comes after the end of a stream, of which a part before it was lost, does not count.
 */
function trust$(upload: Upload, checkpoint: UploadCheckpoint, error: unknown): Step<Session> {
  const warning: Activity = { type: 'warning', error: toUploadErrorInfo(error) };
  const fitting = matched(upload, checkpoint, checkpoint.parts);
  const parts$ = isProofRequired(upload) ? provenParts$(upload, checkpoint, fitting) : of(fitting);
  return concat(of(warning), parts$.pipe(switchMap((parts) => begin$(upload, checkpoint, parts))));
}

/**
 * A stream has an id of its own, and the bytes of finished parts are no longer stored; a transformation may return other
 * bytes each time.
 */
function isProofRequired({
  verifyResume,
  source,
  transform,
}: Pick<Upload, 'verifyResume' | 'source' | 'transform'>): boolean {
  return verifyResume === 'parts' && transform === null && !isGrowing(source);
}

/**
 * A part known to both shows that the upload belongs to the checkpoint. Without one, or if one differs, it could be
 * another file's.
 */
function isVouchedFor(onServer: readonly UploadedPart[], { parts }: UploadCheckpoint): boolean {
  const remembered = new Map(parts.map(({ partNumber, etag }) => [partNumber, etag]));
  const known = onServer.filter(({ partNumber }) => remembered.has(partNumber));
  // An ETag that CORS hid cannot disagree.
  const agrees = ({ partNumber, etag }: UploadedPart): boolean => sameEtag(remembered.get(partNumber) || etag, etag);
  return known.length > 0 && known.every(agrees);
}
