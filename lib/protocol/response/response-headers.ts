import { cleanText } from '../../model/errors/clean-text.js';
import type { TransportResponse } from '../../ports/transport/transport.js';

/** No real code or id is longer. */
export const MAX_ID_LENGTH = 256;

export function headerOf(response: TransportResponse, name: string): string | null {
  return response.headers[name.toLowerCase()] ?? null;
}

export function requestIdOf(response: TransportResponse): string | null {
  const id = headerOf(response, 'x-obs-request-id') ?? headerOf(response, 'x-amz-request-id');
  return id === null ? null : cleanText(id, MAX_ID_LENGTH);
}

export function versionIdOf(response: TransportResponse): string | null {
  return headerOf(response, 'x-obs-version-id') ?? headerOf(response, 'x-amz-version-id');
}

/**
 * Whether a response is certainly the service's, by an ETag or a request id: a proxy may respond to anything with an
 * empty 200. A CORS rule may hide both headers from a page, so an unmarked success is not a failure: then the object or
 * the part has to be checked, by HEAD or in a list.
 */
export function isMarked(response: TransportResponse): boolean {
  return ['etag', 'x-obs-request-id', 'x-amz-request-id', 'x-obs-id-2', 'x-amz-id-2'].some(
    (name) => (headerOf(response, name)?.trim() ?? '') !== '',
  );
}
