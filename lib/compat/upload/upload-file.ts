import { catchError, concatMap, defer, EMPTY, of, switchMap, take, tap, throwError, type Observable } from 'rxjs';
import { abortUpload$ } from '../../abort-upload.js';
import type { ObsConnection } from '../../connection/obs-connection.js';
import { CheckpointError } from '../../model/errors/checkpoint-error.js';
import { uploadFile$ as events$ } from '../../upload-file.js';
import type { LiveRecord } from '../checkpoint/live-record.js';
import type { OpenClient } from '../client/open-client.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';
import type { ObsResult } from '../model/result.js';
import type { UploadFileOutput, UploadFileParams } from '../model/upload-file-params.js';
import { listenTo } from '../results/answers.js';
import { stopped, toClientError } from '../results/client-error.js';
import { fail$ } from './fail.js';
import { resolveParams } from './resolve-params.js';
import { createTeller, type CallbackAdapter } from './callback-adapter.js';
import { createWishes } from './stop-control.js';

type Outcome = Observable<ObsResult<UploadFileOutput>>;

/** One call of `uploadFile`: emits its result, or fails with an `ObsClientError`; the callbacks are told on the way. */
export function uploadFile$({ connection, stallTimeoutMs }: OpenClient, params: UploadFileParams): Outcome {
  return defer(() => {
    const resolved = resolveParams(params, stallTimeoutMs);
    const answers = listenTo(connection);
    const wishes = createWishes();
    const teller = createTeller(params, resolved, answers, wishes.hook);
    const running$ = defer(() => {
      teller.begin();
      // Whoever suspends on being handed the hook wants nothing sent.
      return wishes.isOver() ? EMPTY : events$(answers.connection, resolved.request);
    }).pipe(
      tap((event) => teller.hear(event)),
      concatMap((event): Outcome => {
        if (event.type !== 'completed') return EMPTY;
        wishes.end();
        return of(teller.complete(event.result));
      }),
      catchError((cause: unknown) => fail$(cause, resolved, teller, answers)),
    );
    return wishes.wish$.pipe(
      switchMap((wish) => {
        if (wish === 'go') return running$;
        return wish === 'cancel' ? suspend$(teller) : abort$(connection, teller.live);
      }),
      take(1),
    );
  }).pipe(catchError((cause: unknown) => throwError(() => toClientError(cause, stillOf(params, cause)))));
}

/** What was given is still good where it was not the checkpoint that was wrong. */
function stillOf({ UploadCheckpoint }: UploadFileParams, cause: unknown): ObsUploadCheckpoint | null {
  return cause instanceof CheckpointError ? null : UploadCheckpoint || null;
}

function suspend$({ live }: CallbackAdapter): Outcome {
  return throwError(() =>
    stopped(
      'suspended',
      'The upload is suspended and its parts are kept: call uploadFile with the UploadCheckpoint to go on.',
      live?.record ?? null,
    ),
  );
}

/** Done when the parts are gone from the server. */
function abort$(connection: ObsConnection, live: LiveRecord | null): Outcome {
  if (live === null) return throwError(() => stopped('aborted', 'The upload is aborted.', null));
  return abortUpload$(connection, live.checkpoint).pipe(
    catchError((cause: unknown) => {
      const why = toClientError(cause).message;
      const message = `The upload is aborted, but its parts could not be deleted from the server: ${why}`;
      return throwError(() => stopped('aborted', message, live.record, cause));
    }),
    concatMap(() => {
      live.forgetUpload();
      return throwError(() => stopped('aborted', 'The upload is aborted and its parts are deleted.', null));
    }),
  );
}
