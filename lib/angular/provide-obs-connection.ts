import { inject, makeEnvironmentProviders, NgZone, type EnvironmentProviders } from '@angular/core';
import { defer, type Observable } from 'rxjs';
import { createObsConnection, withAround, type ObsConnection, type ObsConnectionOptions } from '../index.js';
import { OBS_CONNECTION } from './obs-connection-token.js';
import { runOutsideAngular } from './run-outside-angular.js';

/**
 * Provides one connection to an application, or to a route and its children. With zone.js its requests and timers run
 * outside Angular's zone; uploads emit in the zone in which they were subscribed to.
 *
 * @param options - those of `createObsConnection`, or a function that returns them: it is called once, when the
 * connection is first injected, and may call `inject`
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
  return withAround(connection, <T>(source$: Observable<T>) =>
    defer(() => (NgZone.isInAngularZone() ? source$.pipe(runOutsideAngular<T>(zone)) : source$)),
  );
}
