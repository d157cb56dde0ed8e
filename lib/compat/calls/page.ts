import { requireInteger } from '../../validation/check.js';
import type { ObsRequest, QueryParameter } from '../../protocol/obs-request.js';

const MAX_PAGE = 1000;

/** @returns null where the service's own page size is meant */
export function pageSizeOf(option: string, value: number | string | undefined): string | null {
  if (value === undefined) return null;
  return String(requireInteger(option, Number(value), 1, MAX_PAGE));
}

/** The request with other values of its parameters, and with more of them. */
export function withQuery(
  request: ObsRequest,
  changes: Readonly<Record<string, string | null | undefined>>,
): ObsRequest {
  const changed = Object.entries(changes).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const kept = request.query.filter(([name]) => !changed.some(([other]) => other === name));
  return { ...request, query: [...kept, ...changed.map(([name, value]): QueryParameter => [name, value])] };
}
