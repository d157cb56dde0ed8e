import { inject } from '@angular/core';
import type { ObsConnection } from '../index.js';
import { OBS_CONNECTION } from './obs-connection-token.js';

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
