import { inject, InjectionToken } from '@angular/core';
import type { ObsConnection } from '../index.js';

/** Provided by `provideObsConnection`. */
export const OBS_CONNECTION: InjectionToken<ObsConnection> = new InjectionToken<ObsConnection>('OBS_CONNECTION');

/**
 * The connection that `provideObsConnection` provides. Must be called in an injection context.
 *
 * @example
 * ```ts
 * const snapshot$ = uploadFile$(injectObsConnection(), request).pipe(toUploadSnapshot());
 * ```
 * @throws InvalidOptionsError on the first call
 */
export function injectObsConnection(): ObsConnection {
  return inject(OBS_CONNECTION);
}
