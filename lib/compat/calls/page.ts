import { requireInteger } from '../../validation/check.js';
import type { QueryParameter } from '../../protocol/obs-request.js';
import type { Operation } from '../../protocol/operation.js';

const MAX_PAGE = 1000;

/** @returns null: the service's default page size */
export function pageSizeOf(option: string, value: number | string | undefined): string | null {
  if (value === undefined) return null;
  return String(requireInteger(option, Number(value), 1, MAX_PAGE));
}

/** The operation with parameters of its request changed or added. */
export function withQuery<R>(
  { request, read }: Operation<R>,
  changes: Readonly<Record<string, string | null | undefined>>,
): Operation<R> {
  const changed = Object.entries(changes).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const unchanged = request.query.filter(([name]) => !changed.some(([other]) => other === name));
  const query = [...unchanged, ...changed.map(([name, value]): QueryParameter => [name, value])];
  return { request: { ...request, query }, read };
}
