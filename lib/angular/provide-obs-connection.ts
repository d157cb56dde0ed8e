import { makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import { createObsConnection, type ObsConnectionOptions } from '../index.js';
import { OBS_CONNECTION } from './obs-connection-token.js';

/**
 * Provides one connection to all that the injector serves: an application, or a route and what is below it.
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
  const useFactory = (): ReturnType<typeof createObsConnection> =>
    createObsConnection(typeof options === 'function' ? options() : options);
  return makeEnvironmentProviders([{ provide: OBS_CONNECTION, useFactory }]);
}
