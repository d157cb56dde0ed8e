import { concat, concatMap, from, map, of, throwError, toArray, type Observable } from 'rxjs';
import type { UploadCheckpoint, UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { ObjectOptions } from '../../model/object-options.js';
import { toHex } from '../../bytes.js';
import { isMd5, sameEtag } from '../../protocol/response/etag.js';
import { concatResult, deferUnlessClosed, result, type Step } from '../step.js';
import { isStored, knownParts, reached$ } from '../parts/growing.js';
import { md5$, sliceOf } from '../parts/read-source.js';
import type { CallContext, Cutting, Hashing, Reading, Upload } from '../upload.js';
import { otherFile } from './identify.js';
import type { UploadRetrying, UploadWaiting } from '../../model/upload/event.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/parts.js';
import { endlessList } from '../../protocol/errors/endless-list.js';
import { listParts, type ListPartsArgs } from '../../protocol/operations/list-parts.js';
import { controlCall$ } from '../call/call.js';

/** To compare parts with what the server has. */
type Comparing = Reading & Cutting & Hashing & Pick<Upload, 'transform'>;

/**
 * The finished parts that match the file, by their MD5; the others are sent again. Fails if some parts match and others
 * do not: then it is another file, or it has changed.
 *
 * If no ETag is the MD5 of its part, either all parts differ or the ETags are not MD5s, as with SSE-KMS and SSE-C,
 * which a bucket may apply by default. Sending the parts again is right in both cases. If the ETags are known not to be
 * MD5s, a part with the same ETag in the checkpoint and on the server is accepted: the file's sample vouches for it.
 */
export function provenParts$(
  upload: Comparing & Pick<Upload, 'object'>,
  checkpoint: UploadCheckpoint,
  parts: readonly UploadedPart[],
): Observable<readonly UploadedPart[]> {
  const remembered = new Map(checkpoint.parts.map(({ partNumber, etag }) => [partNumber, etag]));
  const isVouchedFor = ({ partNumber, etag }: UploadedPart): boolean =>
    (remembered.get(partNumber) === '' || sameEtag(remembered.get(partNumber), etag)) &&
    (!isMd5(etag) || isEncryptedByKey(upload.object));
  return compared$(upload, parts).pipe(
    map((compared) => {
      const hasOwn = compared.some(({ isSame }) => isSame);
      if (hasOwn && compared.some(({ part, isSame }) => !isSame && isMd5(part.etag))) throw otherFile();
      return compared.filter(({ part, isSame }) => isSame || isVouchedFor(part)).map(({ part }) => part);
    }),
  );
}

/** The finished parts whose ETag is the MD5 of the file's bytes; the others are sent again. */
export function ownParts$(upload: Comparing, parts: readonly UploadedPart[]): Observable<readonly UploadedPart[]> {
  return compared$(upload, parts).pipe(
    map((compared) => compared.filter(({ isSame }) => isSame).map(({ part }) => part)),
  );
}

interface Compared {
  readonly part: UploadedPart;
  readonly isSame: boolean;
}

function compared$(upload: Comparing, parts: readonly UploadedPart[]): Observable<readonly Compared[]> {
  return from(parts).pipe(
    concatMap((part) => isSame$(upload, part).pipe(map((isSame) => ({ part, isSame })))),
    toArray(),
  );
}

function isSame$(upload: Comparing, { partNumber, etag }: UploadedPart): Observable<boolean> {
  if (!isMd5(etag)) return of(false);
  const part = knownParts(upload)[partNumber - 1];
  if (part === undefined) return of(false);
  // What a stream no longer stores was matched by the ETag that the stream itself remembers.
  if (!isStored(upload.source, part)) return of(true);
  if (upload.transform !== null) return of(false);
  return concat(
    reached$(upload.source, part),
    deferUnlessClosed(() => md5$(upload, sliceOf(upload, part))),
  ).pipe(map((md5) => toHex(md5) === etag.toLowerCase()));
}

/** According to the request or the checkpoint. */
function isEncryptedByKey({ sse }: ObjectOptions): boolean {
  return sse?.type === 'kms' || sse?.type === 'customer';
}

type AllParts = Step<readonly UploadedPart[], UploadRetrying | UploadWaiting>;

/** All parts that the server has of an upload, page by page. */
export function listAllParts$(
  context: CallContext,
  { bucket, key, uploadId, partNumberMarker = 0 }: ListPartsArgs,
): AllParts {
  return controlCall$(context, listParts({ bucket, key, uploadId, partNumberMarker })).pipe(
    concatResult(({ parts, nextPartNumberMarker }): AllParts => {
      if (nextPartNumberMarker === null) return of(result(parts));
      const advances = nextPartNumberMarker > partNumberMarker && nextPartNumberMarker < MAX_PART_COUNT;
      if (!advances) return throwError(() => endlessList('listParts', 'with pages that do not advance'));
      return listAllParts$(context, { bucket, key, uploadId, partNumberMarker: nextPartNumberMarker }).pipe(
        concatResult((rest) => of(result([...parts, ...rest]))),
      );
    }),
  );
}
