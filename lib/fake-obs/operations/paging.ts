import type { ObsConfig } from '../state/config.js';
import { readCount } from '../rules/limits.js';
import { percentEncode } from '../request/percent.js';
import { Refusal } from '../response/refusal.js';
import { parameterOf, type ObsRequest } from '../request/request.js';

/**
 * How keys are written into XML: `encoding-type=url` percent-encodes them, as XML 1.0 cannot hold every character.
 * @throws {@link Refusal} InvalidArgument for any other encoding
 */
export function textEncoding(request: ObsRequest): {
  readonly encode: (text: string) => string;
  readonly field: { readonly EncodingType?: string };
} {
  const type = parameterOf(request, 'encoding-type');
  if (type === null) return { encode: (text) => text, field: {} };
  if (type !== 'url') throw new Refusal('InvalidArgument', 'encoding-type must be url.');
  return { encode: (text) => percentEncode(text).replace(/%2F/g, '/'), field: { EncodingType: 'url' } };
}

/** Entries that a page holds: as many as the request asks for, and no more than the store gives. */
export function pageSize(request: ObsRequest, parameter: string, { maxPageEntries }: ObsConfig): number {
  return readCount(parameterOf(request, parameter), maxPageEntries, maxPageEntries, parameter);
}

/** How a page says that more follow, and where they begin. */
export function truncation(
  markers: Readonly<Record<string, string | number>> | null,
  { listPages }: ObsConfig,
): Readonly<Record<string, string | number | boolean>> {
  if (markers === null) return { IsTruncated: false };
  return listPages === 'marked' ? { ...markers, IsTruncated: true } : { IsTruncated: 'True' };
}

/** What a key is grouped under in a list with a delimiter; null: under nothing. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | null {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? null : key.slice(0, at + delimiter.length);
}

/** Orders by UTF-8 bytes, as object stores list keys. */
export function byUtf8(a: string, b: string): number {
  const left = Array.from(a, codePoint);
  const right = Array.from(b, codePoint);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}
