import { isBytes } from '../model/kinds.js';
import type { Operation } from '../model/operation.js';
import type { RequestBody } from '../ports/transport/transport.js';

/** One call of the OBS API, without an address and a signature. */
export interface ObsRequest {
  readonly operation: Operation;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  readonly bucket: string;
  /** null: a request to the bucket itself */
  readonly key: string | null;
  readonly query: readonly QueryParameter[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
  readonly uploadId: string | null;
  readonly partNumber: number | null;
}

/** Decoded; null for a parameter without a value, such as `?uploads`. */
export type QueryParameter = readonly [name: string, value: string | null];

export function sizeOfBody(body: RequestBody | null): number {
  if (body === null) return 0;
  return isBytes(body) ? body.byteLength : body.size;
}
