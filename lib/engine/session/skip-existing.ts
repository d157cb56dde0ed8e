import { concat, concatMap, defer, from, map, of, scan, type Observable } from 'rxjs';
import { isCombinable, type HashAlgorithm } from '../../model/checksum.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { UploadResult } from '../../model/upload/event.js';
import { planParts } from '../../model/checkpoint/parts.js';
import { toHex } from '../../bytes.js';
import { checksumOf, combinedChecksum, confirms } from '../../protocol/request/checksum.js';
import { compositeEtag, isMd5, sameEtag } from '../../protocol/response/etag.js';
import type { HeadObjectResult } from '../../protocol/operations/head-object.js';
import { concatResult, deferUnlessClosed, isResult, result, type Activity, type Step } from '../step.js';
import { completed$ } from '../finish/completed.js';
import { findObject$ } from '../finish/head-object.js';
import { isGrowing } from '../parts/growing.js';
import { digest$, entireBodyOf, sliceOf } from '../parts/read-source.js';
import type { SizedUpload, Upload } from '../upload.js';
import { started } from './session.js';

/** The parts that the upload would have, with their ETags or checksums. */
type HashedParts = readonly UploadedPart[];

/** Hashes the source and looks at the object; sends nothing if the object has the same content. */
export function skipIfSame(upload: Upload, send$: Observable<Activity>): Observable<Activity> {
  if (!upload.skipExisting || upload.checkpoint !== null || !isComparable(upload)) return send$;
  const { checksum } = upload;
  const algorithm = checksum !== 'none' && checksum !== 'md5' && isCombinable(checksum) ? checksum : 'md5';
  return hashed$(upload, algorithm).pipe(
    concatResult((parts) =>
      findObject$(upload, (head) => head.size === upload.size).pipe(
        concatResult((head) =>
          head === null
            ? send$
            : sameness$(upload, head, algorithm, parts).pipe(
                concatMap((verified) => (verified === null ? send$ : skipped$(upload, head, verified))),
              ),
        ),
      ),
    ),
  );
}

/** What is produced or transformed while it is sent cannot be compared before. */
function isComparable(upload: Upload): upload is SizedUpload {
  return upload.size !== null && upload.transform === null && !isGrowing(upload.source);
}

function skipped$(
  upload: SizedUpload,
  head: HeadObjectResult,
  verified: UploadResult['verified'],
): Observable<Activity> {
  return concat(of<Activity>(started(upload, null, upload.size)), completed$(upload, { ...head, verified }, true));
}

/** How the object was found to have the file's content; null if it has not, or what it shows does not decide that. */
function sameness$(
  upload: SizedUpload,
  head: HeadObjectResult,
  algorithm: HashAlgorithm,
  parts: HashedParts,
): Observable<'etag' | 'crc64' | null> {
  const shown = head.checksums.map((checksum) => checksum.algorithm).find(isCombinable);
  if (shown !== undefined) {
    const known$ = shown === algorithm ? of(parts) : silently$(hashed$(upload, shown));
    return known$.pipe(
      map((known) => (confirms(head.checksums, combinedChecksum(shown, known)) === true ? 'crc64' : null)),
    );
  }
  if (head.hasOpaqueEtag) return of(null);
  if (isMd5(head.etag) && upload.partCount > 1) {
    return deferUnlessClosed(() => digest$(upload, 'md5', entireBodyOf(upload))).pipe(
      map((md5) => (sameEtag(head.etag, toHex(md5)) ? 'etag' : null)),
    );
  }
  // Parts of another size have another composite ETag.
  if (!isMd5(head.etag) && !head.etag.endsWith(`-${upload.partCount}`)) return of(null);
  const known$ = algorithm === 'md5' ? of(parts) : silently$(hashed$(upload, 'md5'));
  return known$.pipe(
    map((known) => (isMd5(head.etag) ? (known[0]?.etag ?? null) : compositeEtag(known))),
    map((etag) => (sameEtag(head.etag, etag) ? 'etag' : null)),
  );
}

function hashed$(upload: SizedUpload, algorithm: HashAlgorithm): Step<HashedParts> {
  const { size, partSize } = upload;
  const hashing = (hashedBytes: number): Activity => ({ type: 'hashing', hashedBytes, totalBytes: size });
  return defer(() => {
    const hashed: UploadedPart[] = [];
    const hashing$ = from(planParts(size, partSize)).pipe(
      concatMap((part) =>
        deferUnlessClosed(() => digest$(upload, algorithm, sliceOf(upload, part))).pipe(
          map((digest): UploadedPart => {
            const { partNumber, start, end } = part;
            if (algorithm === 'md5') return { partNumber, size: end - start, etag: toHex(digest) };
            return { partNumber, size: end - start, etag: '', checksum: checksumOf(algorithm, digest) };
          }),
        ),
      ),
      scan((bytes, part) => {
        hashed.push(part);
        return bytes + part.size;
      }, 0),
      map(hashing),
    );
    return concat(
      of(hashing(0)),
      hashing$,
      defer(() => of(result<HashedParts>(hashed))),
    );
  });
}

function silently$<R>(step$: Step<R>): Observable<R> {
  return step$.pipe(concatMap((activity) => (isResult(activity) ? of(activity.value) : [])));
}
