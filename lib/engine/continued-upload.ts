import { defer, map, tap, type Observable } from 'rxjs';
import { isUploadError } from '../model/errors/is-upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { UploadNotification } from '../model/upload/event.js';

/** Several consecutive subscriptions that a subscriber sees as one upload. */
export interface ContinuedUpload {
  /** The last one, of an event or of an error; null before the first. */
  readonly checkpoint: UploadCheckpoint | null;
  /**
   * Starts the next subscription. Bytes that were in flight when the last one ended are sent again, but progress does
   * not fall; the time in between does not count.
   */
  run<T extends UploadNotification>(start: (checkpoint: UploadCheckpoint | null) => Observable<T>): Observable<T>;
}

export function continuedUpload(): ContinuedUpload {
  let checkpoint: UploadCheckpoint | null = null;
  let shownBytes = 0;
  let elapsedSeconds = 0;
  return {
    get checkpoint() {
      return checkpoint;
    },
    run: <T extends UploadNotification>(start: (last: UploadCheckpoint | null) => Observable<T>): Observable<T> =>
      defer(() => {
        const elapsedBefore = elapsedSeconds;
        return start(checkpoint).pipe(
          map((signal): T => {
            if (signal.type === 'checkpoint') checkpoint = signal.checkpoint;
            if (signal.type === 'restarted') {
              const lostBytes = Math.max(shownBytes, signal.lostBytes);
              shownBytes = 0;
              return { ...signal, lostBytes };
            }
            if (signal.type !== 'progress') return signal;
            shownBytes = Math.max(shownBytes, signal.transferredBytes);
            elapsedSeconds = elapsedBefore + signal.elapsedSeconds;
            return { ...signal, transferredBytes: shownBytes, elapsedSeconds };
          }),
          tap({
            error: (error: unknown) => {
              if (isUploadError(error)) checkpoint = error.checkpoint ?? checkpoint;
            },
          }),
        );
      }),
  };
}
