import { inject, makeEnvironmentProviders, NgZone, type EnvironmentProviders } from '@angular/core';
import { defer, type Observable } from 'rxjs';
import { createObsConnection, type ObsConnection, type ObsConnectionOptions } from '../index.js';
import { OBS_CONNECTION } from './obs-connection-token.js';
import { runOutsideAngular } from './run-outside-angular.js';

/**
 * Provides one connection to all that the injector serves: an application, or a route and what is below it. With zone.js
 * its requests and timers run outside of Angular's zone; what an upload tells comes where it was subscribed to.
 *
 * @param options - those of `createObsConnection`; or a function that gives them, called once, when the connection is
 * first asked for, and free to `inject`
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
 */
export function provideObsConnection(
  options: ObsConnectionOptions | (() => ObsConnectionOptions),
): EnvironmentProviders {
  const useFactory = (): ObsConnection =>
    outside(createObsConnection(typeof options === 'function' ? options() : options), inject(NgZone));
  return makeEnvironmentProviders([{ provide: OBS_CONNECTION, useFactory }]);
}

function outside(connection: ObsConnection, zone: NgZone): ObsConnection {
  const around = <T>(source$: Observable<T>): Observable<T> =>
    defer(() => (NgZone.isInAngularZone() ? source$.pipe(runOutsideAngular<T>(zone)) : source$));
  return { ...connection, shared: { ...connection.shared, around } };
}
