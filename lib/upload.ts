import { filter, fromEvent, NEVER, of, takeUntil, tap, type Observable } from 'rxjs';
import type { ObsConnection } from './connection/obs-connection.js';
import type { UploadEvent, UploadResult } from './model/upload/event.js';
import { uploadFile$ } from './upload-file.js';
import type { UploadRequest } from './upload-request.js';

/** Options of `upload`. */
export interface UploadPromiseOptions {
  /** Cancels the upload when it is aborted: requests are aborted, parts stay. The Promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each event; `checkpoint` events have what a later upload resumes from. What it throws ends the upload. */
  readonly onEvent?: ((event: UploadEvent) => void) | undefined;
}

/**
 * `uploadFile$` as a Promise, for code without RxJS. It starts at once.
 *
 * @returns the result; rejects with the `UploadError`, which carries the last checkpoint, or with the signal's reason
 *
 * @example
 * ```ts
 * const controller = new AbortController();
 * const { etag } = await upload(obs, request, { signal: controller.signal, onEvent: showEvent });
 * ```
 */
export function upload(
  connection: ObsConnection,
  request: UploadRequest,
  { signal, onEvent }: UploadPromiseOptions = {},
): Promise<UploadResult> {
  const aborted$: Observable<unknown> =
    signal === undefined ? NEVER : signal.aborted ? of(null) : fromEvent(signal, 'abort');
  return new Promise((resolve, reject) => {
    let hasCompleted = false;
    const event$ = uploadFile$(connection, request).pipe(
      tap((event) => {
        // Before it is emitted, as `onEvent` may abort the signal.
        hasCompleted = event.type === 'completed';
        onEvent?.(event);
      }),
      takeUntil(aborted$.pipe(filter(() => !hasCompleted))),
    );
    event$.subscribe({
      next: (event) => {
        if (event.type === 'completed') resolve(event.result);
      },
      error: reject,
      complete: () => {
        // Has no effect after `completed`. The application's own value, whatever it is.
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors
        reject(signal?.reason);
      },
    });
  });
}
