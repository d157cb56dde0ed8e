import { HttpClient } from '@angular/common/http';
import { inject, NgZone } from '@angular/core';
import type { Observable } from 'rxjs';
import type { SignedRequest, UnsignedRequest } from '../index.js';
import { askInside } from './zones.js';

/**
 * `presign` of a connection by `HttpClient`: posts the requests as JSON, expects the signed ones in the same order.
 * Interceptors see only these calls; the signed requests go to the store without them.
 *
 * @param url - of the backend that signs
 *
 * @example
 * ```ts
 * provideObsConnection(() => ({
 *   server: 'https://obs.ap-southeast-1.myhuaweicloud.com',
 *   presign: injectPresign('/api/sign'),
 * }));
 * ```
 */
export function injectPresign(
  url: string,
): (requests: readonly UnsignedRequest[]) => Observable<readonly SignedRequest[]> {
  const http = inject(HttpClient);
  const zone = inject(NgZone);
  return (requests) => askInside(zone, http.post<readonly SignedRequest[]>(url, requests));
}
