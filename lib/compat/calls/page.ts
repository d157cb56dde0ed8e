import { requireInteger } from '../../validation/check.js';
import type { ObsRequest, QueryParameter } from '../../protocol/obs-request.js';

const MAX_PAGE = 1000;

/** @returns null: the service's default page size */
export function pageSizeOf(option: string, value: number | string | undefined): string | null {
  if (value === undefined) return null;
  return String(requireInteger(option, Number(value), 1, MAX_PAGE));
}

/** The request with parameters changed or added. */
export function withQuery(
  request: ObsRequest,
  changes: Readonly<Record<string, string | null | undefined>>,
): ObsRequest {
  const changed = Object.entries(changes).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const unchanged = request.query.filter(([name]) => !changed.some(([other]) => other === name));
  return { ...request, query: [...unchanged, ...changed.map(([name, value]): QueryParameter => [name, value])] };
}
