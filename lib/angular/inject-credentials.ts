import { HttpClient } from '@angular/common/http';
import { inject, NgZone } from '@angular/core';
import type { Observable } from 'rxjs';
import type { ObsCredentials } from '../index.js';
import { askInside } from './zones.js';

/**
 * `credentials` of a connection by `HttpClient`: gets temporary credentials as JSON.
 *
 * @param url - of the backend that issues them
 *
 * @example
 * ```ts
 * provideObsConnection(() => ({
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   credentials: injectCredentials('/api/sts'),
 * }));
 * ```
 */
export function injectCredentials(url: string): () => Observable<ObsCredentials> {
  const http = inject(HttpClient);
  const zone = inject(NgZone);
  // Never transferred into a server-rendered page, as responses to GET are by default.
  return () => askInside(zone, http.get<ObsCredentials>(url, { transferCache: false }));
}
