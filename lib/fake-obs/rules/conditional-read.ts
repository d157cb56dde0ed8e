import { Refusal } from '../response/refusal.js';
import { headerOf, type RequestHead } from '../request/request.js';
import type { ObjectRecord } from '../state/state.js';

/**
 * Whether the client has the object already, so that the response is a 304 (RFC 9110, 13.2.2).
 * @throws {@link Refusal} PreconditionFailed
 */
export function isNotModified(request: RequestHead, object: ObjectRecord): boolean {
  const ifMatch = headerOf(request, 'if-match');
  const unmodifiedSince = secondsOf(headerOf(request, 'if-unmodified-since'));
  const isWanted =
    ifMatch === null ? unmodifiedSince === null || modifiedAt(object) <= unmodifiedSince : names(ifMatch, object);
  if (!isWanted) throw new Refusal('PreconditionFailed');
  const ifNoneMatch = headerOf(request, 'if-none-match');
  const modifiedSince = secondsOf(headerOf(request, 'if-modified-since'));
  if (ifNoneMatch !== null) return names(ifNoneMatch, object);
  return modifiedSince !== null && modifiedAt(object) <= modifiedSince;
}

/** Whether a range continues what the client has: without `If-Range` it says that it does. */
export function continues(request: RequestHead, object: ObjectRecord): boolean {
  const ifRange = headerOf(request, 'if-range');
  return ifRange === null || ifRange === `"${object.etag}"` || secondsOf(ifRange) === modifiedAt(object);
}

function names(etags: string, { etag }: ObjectRecord): boolean {
  return etags.split(',').some((text) => ['*', etag].includes(text.trim().replace(/^(?:W\/)?"(.*)"$/, '$1')));
}

/** As precise as the header is. */
function modifiedAt(object: ObjectRecord): number {
  return Math.floor(object.modifiedAt / 1000);
}

/** null for what is no date: it counts as absent */
function secondsOf(date: string | null): number | null {
  const milliseconds = Date.parse(date ?? '');
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
