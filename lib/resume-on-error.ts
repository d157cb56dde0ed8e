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
import { continuedUpload } from './continued-upload.js';
import { deferUnlessClosed } from './engine/call/defer-unless-closed.js';
import { retryWithNotifications } from './engine/call/retry.js';
import { isUploadError, toUploadErrorInfo } from './model/errors/is-upload-error.js';
import type { UploadError } from './model/errors/upload-error.js';
import type { UploadCheckpoint } from './model/checkpoint.js';
import type { UploadNotification, UploadWarning } from './model/event.js';
import { requireInteger, requireMilliseconds } from './validation/check.js';

export interface ResumeOnErrorOptions {
  /** How often at most, over the whole upload: an integer from 0, or `Infinity`. */
  readonly count: number;
  /**
   * Milliseconds from an error to the resume. Or a function of the error and of the number of the resume (from 1): its
   * first value resumes; without any, the error is final; what it fails with is the error.
   * @defaultValue 1,000
   */
  readonly delay?: number | ((error: UploadError, resume: number) => ObservableInput<unknown>);
}

/**
 * What `retry` is to other observables: an upload that fails is resumed from the error's checkpoint, so that no part is
 * sent twice and none is left behind on the server, as `retry` would. Only an error that is `resumable` is resumed; the
 * others, and the one after the last resume, are errors here. The events are one stream: `warning` with the error
 * stands between, `started` comes again, progress never falls but at `restarted`.
 *
 * ```text
 * upload:                    s-p-p-#        s-p-(d|)
 * resumeOnError$, count 1:   s-p-p-w--------s-p-(d|)
 * ```
 * (s: started, p: progress, w: warning, d: completed)
 *
 * @param start - called with null at first, then with the last checkpoint (null where there is none, as of a single PUT)
 *
 * @returns the events of all uploads that `start` begins. Fails as they do, and with `InvalidOptionsError` for `count`
 * and `delay`.
 *
 * @example
 * ```ts
 * resumeOnError$((uploadCheckpoint) => uploadFile$(obs, { ...request, uploadCheckpoint }), { count: 2, delay: 30_000 })
 *   .pipe(toUploadSnapshot())
 *   .subscribe(render);
 * ```
 * @see {@link resumable$} for pausing; to pause an upload that resumes by itself, put this one into it:
 * `resumable$((paused) => resumeOnError$((failed) => uploadFile$(obs, { ...request, uploadCheckpoint: failed ?? paused }), …), …)`
 */
export function resumeOnError$<T extends UploadNotification>(
  start: (checkpoint: UploadCheckpoint | null) => Observable<T>,
  { count, delay = 1000 }: ResumeOnErrorOptions,
): Observable<T | UploadWarning> {
  return defer(() => {
    if (count !== Number.POSITIVE_INFINITY) requireInteger('count', count, 0, Number.POSITIVE_INFINITY);
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
