import { catchError, concatMap, defer, EMPTY, endWith, map, of, tap, throwError, timer, type Observable } from 'rxjs';
import { sharedOf, type ObsConnection } from './connection/obs-connection.js';
import { abortMultipartUpload$, listParts$ } from './operations.js';
import { changeIn$, fromStore$ } from './engine/persist/checkpoint-writer.js';
import type { CheckpointStore } from './ports/checkpoint-store/checkpoint-store.js';
import { isForbidden, isUploadGone } from './protocol/errors/classify-error.js';
import { ServiceError } from './model/errors/errors.js';
import { parseCheckpoint } from './validation/checkpoint.js';
import { requireSameTarget } from './validation/options.js';
import type { UploadCheckpoint } from './model/checkpoint/checkpoint.js';

/** Options of `abortUpload$`. */
export interface AbortUploadOptions {
  /** Removes the stored checkpoint of the upload too. If the store fails, the checkpoint stays until it expires. */
  readonly checkpointStore?: CheckpointStore | undefined;
}

/** An aborted upload: it and its parts are no longer on the server. */
export interface AbortedUpload {
  /** The bucket's name. */
  readonly bucket: string;
  /** The object's key, without a leading slash. */
  readonly key: string;
  /** The multipart upload's id, as `initiate` returned it. */
  readonly uploadId: string;
}

const MAX_ROUNDS = 5;
const BETWEEN_ROUNDS_MS = 1000;

/**
 * Aborts an upload and deletes its parts from the server. A part that was in flight may arrive after the abort, so the
 * parts are listed, and the upload is aborted again while any remain. An upload that is already gone is a success.
 *
 * @example
 * ```ts
 * abortUpload$(obs, checkpoint, { checkpointStore }).subscribe(({ key }) => console.log(`${key} was aborted`));
 * ```
 */
export function abortUpload$(
  connection: ObsConnection,
  checkpoint: UploadCheckpoint,
  { checkpointStore }: AbortUploadOptions = {},
): Observable<AbortedUpload> {
  return defer(() => {
    const parsed = parseCheckpoint(checkpoint);
    requireSameTarget(parsed, connection);
    const { bucket, key, uploadId } = parsed;
    const upload = { bucket, key, uploadId };
    const aborted = sharedOf(connection).remote?.aborted;
    aborted?.add(uploadId);
    const canResume = (): unknown => aborted?.delete(uploadId);
    return abort$(connection, upload, MAX_ROUNDS).pipe(
      tap({ error: canResume, unsubscribe: canResume }),
      concatMap(() => (checkpointStore === undefined ? of(null) : forget$(checkpointStore, uploadId))),
      map(() => upload),
    );
  });
}

/** Emits once. The parts are deleted, so a store that fails does not make it a failure. */
function forget$(store: CheckpointStore, uploadId: string): Observable<unknown> {
  return fromStore$(() => store.list()).pipe(
    concatMap((stored) => stored.filter(({ checkpoint }) => checkpoint.uploadId === uploadId)),
    concatMap(({ id }) => changeIn$(() => store.remove(id))),
    catchError(() => EMPTY),
    endWith(null),
  );
}

function abort$(connection: ObsConnection, upload: AbortedUpload, roundsLeft: number): Observable<unknown> {
  return abortMultipartUpload$(connection, upload).pipe(
    catchError((error: unknown) => (isUploadGone(error) ? of(null) : throwError(() => error))),
    concatMap(() => hasParts$(connection, upload)),
    concatMap((partsRemain) => {
      if (!partsRemain) return of(null);
      if (roundsLeft === 0) return throwError(() => remaining());
      return timer(BETWEEN_ROUNDS_MS).pipe(concatMap(() => abort$(connection, upload, roundsLeft - 1)));
    }),
  );
}

/** If parts may not be listed, the response to abort is trusted. */
function hasParts$(connection: ObsConnection, upload: AbortedUpload): Observable<boolean> {
  return listParts$(connection, upload).pipe(
    map(({ parts }) => parts.length > 0),
    catchError((error: unknown) => (isUploadGone(error) || isForbidden(error) ? of(false) : throwError(() => error))),
  );
}

function remaining(): ServiceError {
  return new ServiceError(
    'service',
    'The upload was aborted several times, but some of its parts remain. Abort it once more later.',
    {
      operation: 'abortMultipartUpload',
      retryable: true,
      status: 204,
      serviceCode: null,
      requestId: null,
    },
  );
}
