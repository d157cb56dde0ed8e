import { inject } from '@angular/core';
import type { ObsConnection } from '../index.js';
import { OBS_CONNECTION } from './obs-connection-token.js';

/**
 * The connection that `provideObsConnection` provides. To be called where `inject` may be.
 *
 * @example
 * ```ts
 * const snapshot$ = uploadFile$(injectObsConnection(), request).pipe(toUploadSnapshot());
 * ```
 * @throws InvalidOptionsError by whoever asks first
 */
export function injectObsConnection(): ObsConnection {
  return inject(OBS_CONNECTION);
}
