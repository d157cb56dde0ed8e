import {
  concat,
  defer,
  ignoreElements,
  of,
  take,
  throwError,
  throwIfEmpty,
  timer,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { continuedUpload } from '../engine/continued-upload.js';
import { deferUnlessClosed } from '../engine/step.js';
import { retryWithNotifications } from '../engine/call/retry.js';
import { isUploadError, toUploadErrorInfo } from '../model/errors/is-upload-error.js';
import type { UploadError } from '../model/errors/upload-error.js';
import type { UploadCheckpoint } from '../model/checkpoint/checkpoint.js';
import type { UploadNotification, UploadWarning } from '../model/upload/event.js';
import { requireInteger, requireMilliseconds } from '../validation/check.js';

/** Options of `resumeOnError$`. */
export interface ResumeOnErrorOptions {
  /** The most resumes over the entire upload: an integer from 0, or `Infinity`. */
  readonly count: number;
  /**
   * Milliseconds between an error and the resume, or a function of the error and the number of the resume (from 1): its
   * first value resumes; if it completes without one, the error is final; if it fails, that is the error.
   * @defaultValue 1,000
   */
  readonly delay?: number | ((error: UploadError, resume: number) => ObservableInput<unknown>);
}

/**
 * `retry` for uploads: an upload that fails is resumed from the error's checkpoint, so that, unlike with `retry`, no
 * part is sent twice and none is left behind on the server. Only `resumable` errors are resumed; others, and the one
 * after the last resume, are passed on. The events form one stream: `warning` with the error comes in between,
 * `started` is emitted again, progress never falls except at `restarted`.
 *
 * ```text
 * upload:                    s-p-p-#        s-p-(d|)
 * resumeOnError$, count 1:   s-p-p-w--------s-p-(d|)
 * ```
 * (s: started, p: progress, w: warning, d: completed)
 *
 * @param start - called with null first, then with the last checkpoint (null if there is none, as for a single PUT)
 *
 * @returns the events of all uploads that `start` returns. Fails as they do, and with `InvalidOptionsError` for `count`
 * and `delay`.
 *
 * @example
 * ```ts
 * resumeOnError$((uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }), { count: 2, delay: 30_000 })
 *   .pipe(toUploadSnapshot())
 *   .subscribe(render);
 * ```
 * @see {@link resumable$} for pausing; to pause an upload that resumes by itself, nest this in it:
 * `resumable$((paused) => resumeOnError$((failed) => uploadFile$(obs, { ...request, uploadCheckpoint: failed ?? paused }), …), …)`
 */
export function resumeOnError$<T extends UploadNotification>(
  start: (checkpoint: UploadCheckpoint | null) => Observable<T>,
  { count, delay = 1000 }: ResumeOnErrorOptions,
): Observable<T | UploadWarning> {
  return defer(() => {
    if (count !== Infinity) requireInteger('count', count, 0);
    if (typeof delay !== 'function') requireMilliseconds('delay', delay, 0);
    const upload = continuedUpload();
    let resumes = 0;
    return upload.run(start).pipe(
      retryWithNotifications((error): Observable<UploadWarning> => {
        if (!isUploadError(error) || !error.resumable || resumes >= count) return throwError(() => error);
        resumes++;
        return concat(
          of<UploadWarning>({ type: 'warning', error: toUploadErrorInfo(error) }),
          wait$(delay, error, resumes),
        );
      }),
    );
  });
}

function wait$(
  delay: NonNullable<ResumeOnErrorOptions['delay']>,
  error: UploadError,
  resume: number,
): Observable<never> {
  const due$: Observable<unknown> =
    typeof delay === 'number' ? timer(delay) : deferUnlessClosed<unknown>(() => delay(error, resume));
  return due$.pipe(
    take(1),
    throwIfEmpty(() => error),
    ignoreElements(),
  );
}
