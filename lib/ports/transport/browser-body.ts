import { isBlob, isBytes } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import type { RequestBody } from './transport.js';

/** A body for XHR and fetch in browsers, which cannot stream over HTTP/1.1. */
export function browserBody(body: RequestBody | null): Blob | Uint8Array<ArrayBuffer> | null {
  if (body === null || isBlob(body)) return body;
  if (isBytes(body)) return body as Uint8Array<ArrayBuffer>;
  throw new InvalidOptionsError('transport', 'Browsers send bytes and Blobs only: the source must return one of them.');
}
