import { concat, EMPTY, map, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { InvalidOptionsError, SourceError } from '../../model/errors/errors.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { isBlob, isBytes } from '../../model/kinds.js';
import { MIN_PART_SIZE } from '../../model/checkpoint/limits.js';
import { firstValue$ } from '../first-value.js';
import type { GrowingSource } from './upload-source.js';

/** What `finalize` makes of the first part, checked. */
export function finalFirstPart$(source: GrowingSource, size: number, withinMs: number): Observable<Blob> {
  const { finalize, type } = source;
  if (finalize === null) return EMPTY;
  const firstPart = (): Blob => {
    const body = source.slice(0, size) as Blob | Uint8Array<ArrayBuffer>;
    return isBytes(body) || body.type !== type ? new Blob([body], { type }) : body;
  };
  const final$ = firstValue$(() => finalize(firstPart()), {
    port: 'finalize',
    withinMs,
    silent: () => new Error('finalize took too long.'),
    empty: () => new Error('finalize completed without a Blob.'),
  });
  return concat(source.reach(size), final$).pipe(
    mapError(failed),
    map((blob) => {
      if (!isBlob(blob)) throw failed(new TypeError('finalize must return a Blob.'));
      if (blob.size < MIN_PART_SIZE && source.availableBytes > size) throw tooSmall();
      return blob.slice(0, blob.size, '');
    }),
  );
}

function failed(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  const message =
    'The first part could not be replaced: finalize failed. All parts are on the server; resume to try again.';
  return new SourceError('source-unreadable', message, { cause });
}

function tooSmall(): InvalidOptionsError {
  return new InvalidOptionsError(
    'finalize',
    `finalize must return at least ${MIN_PART_SIZE} bytes: stores refuse smaller parts that are not the last one.`,
  );
}
