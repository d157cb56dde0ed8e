import { startWith, throwError, type Observable } from 'rxjs';
import { createObsConnection } from '../../connection/create-obs-connection.js';
import type { ObsConnection } from '../../connection/obs-connection.js';
import type { ObsConnectionOptions } from '../../connection/options.js';
import { createStopGate } from '../../engine/stop-gate.js';
import type { UploadEvent } from '../../model/upload/event.js';
import { uploadFile$ } from '../../upload-file.js';
import type { UploadRequest } from '../../upload-request.js';
import { batched } from './serve-stream.js';
import { BATCH_MS, CONNECTION, holdLifeline$, openChannel, type ChannelEnd, type WorkerCall } from './channel.js';
import { joinOptions } from './portable-options.js';
import { joinSource, type PortableSource } from './portable-source.js';

/**
 * Runs the uploads of a `workerConnection`: the entire content of your own worker script. Credentials, stores and other
 * functions of your options stay in the page and are called from here.
 *
 * @example
 * ```ts
 * // upload.worker.ts
 * import { serveUploads } from 'rx-obs-upload/worker';
 * serveUploads();
 * ```
 * @see {@link workerConnection}
 */
export function serveUploads(scope: ChannelEnd = self): void {
  serveUploadsOver(scope, createObsConnection);
}

/** @param connect - makes the connection, with the worker's own transport */
export function serveUploadsOver(scope: ChannelEnd, connect: (options: ObsConnectionOptions) => ObsConnection): void {
  let connection: ObsConnection | null = null;

  const channel = openChannel(scope, (method, args) => {
    const call = { method, args } as unknown as WorkerCall;
    switch (call.method) {
      case 'connect': {
        const [lifeline, plain, paths] = call.args;
        connection = connect(joined(CONNECTION, plain, paths) as unknown as ObsConnectionOptions);
        return holdLifeline$(lifeline).pipe(startWith(null));
      }
      case 'upload': {
        const [upload, plain, paths] = call.args;
        if (connection === null) return notConnected();
        const sourceFile = joinSource(plain.sourceFile as Blob | PortableSource, (name, ...rest) =>
          channel.call$('function', upload, name, rest),
        );
        const request = { ...joined(upload, plain, paths), sourceFile } as UploadRequest;
        const gate = createStopGate();
        // A stop in the page waits for the first checkpoint after `started`.
        const isUrgent = ({ type }: UploadEvent): boolean =>
          type === 'started' || (type === 'checkpoint' && !gate.isOpen());
        const event$ = gate.follow(uploadFile$(connection, request));
        return event$.pipe(batched(request.progressIntervalMs ?? BATCH_MS, isUrgent));
      }
      case 'requests':
        return connection?.requests$ ?? notConnected();
    }
  });

  const joined = (
    owner: number,
    plain: Readonly<Record<string, unknown>>,
    paths: readonly string[],
  ): Record<string, unknown> => joinOptions(plain, paths, (path, args) => channel.call$('function', owner, path, args));
}

function notConnected(): Observable<never> {
  return throwError(() => new Error('The worker has no connection.'));
}
