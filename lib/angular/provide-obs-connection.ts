import { inject, makeEnvironmentProviders, NgZone, type EnvironmentProviders } from '@angular/core';
import { defer, type Observable } from 'rxjs';
import { createObsConnection, withAround, type ObsConnection, type ObsConnectionOptions } from '../index.js';
import { OBS_CONNECTION } from './obs-connection.js';
import { runOutsideAngular } from './zones.js';

/** What `provideObsConnection` provides: a connection, or the options of `createObsConnection`. */
export type ProvidedConnection = ObsConnectionOptions | ObsConnection;

/**
 * Provides one connection to an application, or to a route and its children. With zone.js its requests and timers run
 * outside Angular's zone; uploads emit in the zone in which they were subscribed to.
 *
 * @param provided - the options of `createObsConnection`, or a connection, such as one of `workerConnection`; or a function
 * that returns either: it is called once, when the connection is first injected, and may call `inject`
 *
 * @example
 * ```ts
 * bootstrapApplication(App, {
 *   providers: [
 *     provideHttpClient(withInterceptors([authenticate])),
 *     provideObsConnection(() => ({ server: inject(SETTINGS).obs, presign: injectPresign('/api/sign') })),
 *   ],
 * });
 * ```
 * @example Uploads in a worker
 * ```ts
 * const startWorker = () => new Worker(new URL('./upload.worker', import.meta.url), { type: 'module' });
 * provideObsConnection(() => workerConnection(startWorker, { server, presign: injectPresign('/api/sign') }));
 * ```
 */
export function provideObsConnection(provided: ProvidedConnection | (() => ProvidedConnection)): EnvironmentProviders {
  const useFactory = (): ObsConnection => {
    const given = typeof provided === 'function' ? provided() : provided;
    return outside('requests$' in given ? given : createObsConnection(given), inject(NgZone));
  };
  return makeEnvironmentProviders([{ provide: OBS_CONNECTION, useFactory }]);
}

function outside(connection: ObsConnection, zone: NgZone): ObsConnection {
  return withAround(connection, <T>(source$: Observable<T>) =>
    defer(() => (NgZone.isInAngularZone() ? source$.pipe(runOutsideAngular<T>(zone)) : source$)),
  );
}
