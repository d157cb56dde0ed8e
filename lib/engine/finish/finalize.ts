import { of, switchMap } from 'rxjs';
import type { UploadCheckpoint } from '../../model/checkpoint/checkpoint.js';
import { partAt } from '../../model/checkpoint/parts.js';
import { combine } from '../parts/body-digest.js';
import { isGrowing } from '../parts/growing.js';
import { resendPart$, type Transferred } from '../parts/send-parts.js';
import { concatResult, result, type Step } from '../step.js';
import type { SizedUpload } from '../upload.js';

/** All parts as complete needs them, and the size that they have together. */
export interface Finalized extends Transferred {
  readonly upload: SizedUpload;
}

/**
 * Replaces the first part of a stream that has something to write there at its end. The stored checkpoint keeps the
 * part as it was sent: a resume finds another ETag, sends the part as it was, and finalizes it again.
 */
export function finalize$(upload: SizedUpload, transferred: Transferred): Step<Finalized> {
  const { source } = upload;
  if (!isGrowing(source) || source.finalize === null) return of(result({ ...transferred, upload }));
  const { checkpoint, evidence } = transferred;
  const before = partAt(upload.size, upload.partSize, 1);
  return source.finalFirstPart$(before.end, upload.stallTimeoutMs).pipe(
    switchMap((first) => {
      const size = upload.size - before.end + first.size;
      return resendPart$(upload, checkpoint.uploadId, first).pipe(
        concatResult(({ part, evidence: added }) => {
          const finalized = { checkpoint: withFirst(checkpoint, part, size), evidence: combine(evidence, added) };
          return of(result({ ...finalized, upload: { ...upload, size } }));
        }),
      );
    }),
  );
}

function withFirst(
  checkpoint: UploadCheckpoint,
  first: UploadCheckpoint['parts'][number],
  size: number,
): UploadCheckpoint {
  const parts = checkpoint.parts.map((part) => (part.partNumber === 1 ? first : part));
  return { ...checkpoint, file: { ...checkpoint.file, size }, parts };
}
