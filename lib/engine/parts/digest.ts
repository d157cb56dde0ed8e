import { catchError, of, throwError, type Observable } from 'rxjs';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { SourceError } from '../../model/errors/source-error.js';
import { sizeOfBody } from '../../protocol/obs-request.js';
import { firstValue$ } from '../../ports/first-value.js';
import type { RequestBody } from '../../ports/transport/transport.js';
import { SLOWEST_BYTES_PER_MS } from '../call/attempt.js';
import type { Upload } from '../upload.js';

/** The MD5 of a body, 16 bytes; a `SourceError` where the body cannot be read or the hasher is silent. */
export function md5$({ hasher, stallTimeoutMs }: Upload, body: RequestBody): Observable<Uint8Array> {
  const withinMs = stallTimeoutMs + sizeOfBody(body) / SLOWEST_BYTES_PER_MS;
  const silent = (): Error => new Error('The hasher took too long.');
  const empty = (): Error => new Error('The hasher completed without a digest.');
  return firstValue$(() => hasher.md5(body), { withinMs, silent, empty }).pipe(
    catchError((cause: unknown) => throwError(() => unhashable(cause))),
  );
}

/** As it goes out with one PUT; null where no checksum was asked for. */
export function contentMd5$(upload: Upload, body: RequestBody): Observable<Uint8Array | null> {
  return upload.checksum === 'md5' ? md5$(upload, body) : of(null);
}

function unhashable(cause: unknown): unknown {
  if (isUploadError(cause)) return cause;
  const message = 'The checksum of a part could not be computed: the file cannot be read, or the hasher failed.';
  return new SourceError('source-unreadable', message, { cause });
}
