import { of, throwError } from 'rxjs';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { UploadRetrying, UploadWaiting } from '../../model/upload/event.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/limits.js';
import { endlessList } from '../../protocol/errors/endless-list.js';
import { listParts, type ListPartsArgs } from '../../protocol/operations/list-parts.js';
import { result, concatResult, type Step } from '../step.js';
import type { CallContext } from '../call/context.js';
import { controlCall$ } from '../call/call.js';

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
