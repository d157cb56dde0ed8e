import { isBlob, isBytes } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/invalid-options-error.js';
import type { RequestBody } from './transport.js';

/** A body as XHR and fetch of browsers take it: they stream none over HTTP/1.1. */
export function browserBody(body: RequestBody | null): Blob | Uint8Array<ArrayBuffer> | null {
  if (body === null || isBlob(body)) return body;
  if (isBytes(body)) return body as Uint8Array<ArrayBuffer>;
  throw new InvalidOptionsError('transport', 'Browsers send bytes and Blobs only: the source must give one of them.');
}
