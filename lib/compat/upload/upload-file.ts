import { catchError, concatMap, defer, EMPTY, of, switchMap, take, tap, throwError, type Observable } from 'rxjs';
import { mapError } from '../../map-error.js';
import { abortUpload$ } from '../../abort-upload.js';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { CheckpointError } from '../../model/errors/errors.js';
import { uploadFile$ as events$ } from '../../upload-file.js';
import type { LiveRecord } from '../checkpoint/live-record.js';
import type { OpenClient } from '../client/open-client.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileOutput } from '../model/upload-file-event.js';
import type { UploadFileParams } from '../model/upload-file-params.js';
import { recordResponses } from '../results/response-log.js';
import { stopped, toClientError } from '../results/client-error.js';
import { fail$ } from './fail.js';
import { resolveParams } from './resolve-params.js';
import { createCallbackAdapter, type CallbackAdapter } from './callback-adapter.js';
import { createStopControl } from './stop-control.js';

type Outcome = Observable<ObsResult<UploadFileOutput>>;

/** One call of `uploadFile`: emits its result, or fails with an `ObsClientError`; calls the callbacks in between. */
export function uploadFile$({ connection, stallTimeoutMs }: OpenClient, params: UploadFileParams): Outcome {
  return defer(() => {
    const resolved = resolveParams(params, stallTimeoutMs);
    const log = recordResponses(connection);
    const control = createStopControl();
    const callbacks = createCallbackAdapter(params, resolved, log, control.hook);
    const running$ = defer(() => {
      callbacks.begin();
      // `ResumeCallback` may have called the hook.
      return control.isOver() ? EMPTY : events$(log.connection, resolved.request);
    }).pipe(
      tap((event) => {
        if (event.type === 'completing') control.completing();
        callbacks.onEvent(event);
      }),
      concatMap((event): Outcome => {
        if (event.type !== 'completed') return EMPTY;
        control.end();
        return of(callbacks.complete(event.result));
      }),
      catchError((cause: unknown) => fail$(cause, resolved, callbacks, log)),
    );
    return control.command$.pipe(
      switchMap((command) => {
        if (command === 'run') return running$;
        return command === 'cancel' ? suspend$(callbacks) : abort$(connection, callbacks.live);
      }),
      take(1),
    );
  }).pipe(mapError((cause) => toClientError(cause, stillOf(params, cause))));
}

/** The given checkpoint is still valid unless it caused the error. */
function stillOf({ UploadCheckpoint }: UploadFileParams, cause: unknown): ObsUploadCheckpoint | null {
  return cause instanceof CheckpointError ? null : UploadCheckpoint || null;
}

function suspend$({ live }: CallbackAdapter): Outcome {
  return throwError(() =>
    stopped(
      'suspended',
      'The upload is suspended and its parts stay on the server: call uploadFile with the UploadCheckpoint to resume.',
      live?.record ?? null,
    ),
  );
}

/** Fails with `aborted` once the parts are deleted from the server. */
function abort$(connection: ObsConnection, live: LiveRecord | null): Outcome {
  if (live === null) return throwError(() => stopped('aborted', 'The upload is aborted.', null));
  return abortUpload$(connection, live.checkpoint).pipe(
    mapError((cause) => {
      const why = toClientError(cause).message;
      const message = `The upload is aborted, but its parts could not be deleted from the server: ${why}`;
      return stopped('aborted', message, live.record, cause);
    }),
    concatMap(() => {
      live.forgetUpload();
      return throwError(() => stopped('aborted', 'The upload is aborted and its parts are deleted.', null));
    }),
  );
}
