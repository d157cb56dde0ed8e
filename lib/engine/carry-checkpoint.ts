import { catchError, defer, tap, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { isUploadError } from '../errors/is-upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint.js';
import type { UploadEvent } from '../model/event.js';

/** Every error of a running upload carries the last checkpoint. */
export function carryCheckpoint(first: UploadCheckpoint | null): MonoTypeOperatorFunction<UploadEvent> {
  return (event$) =>
    defer(() => {
      let last = first;
      return event$.pipe(
        tap((event) => {
          if (event.type === 'checkpoint') last = event.checkpoint;
        }),
        catchError((error: unknown) => {
          if (isUploadError(error)) error.checkpoint = last;
          return throwError(() => error);
        }),
      );
    });
}
