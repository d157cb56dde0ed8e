import { isDate } from '../model/kinds.js';
import { parseDateText } from '../validation/check.js';

/** Milliseconds below this are in January 1970: a duration, not a date. */
const EARLIEST_SECONDS = 1e9;
/** As seconds a date of the year 5138, as milliseconds one of 1973. */
const EARLIEST_MS = 1e11;
/** As milliseconds the year 33658: larger values are microseconds. */
const LATEST_MS = 1e15;
/** The last date that ECMAScript knows: such values mean "never". */
const NEVER_MS = 8.64e15;

const WITH_ZONE = /\d[T ]\d.*(?:Z|[A-Z]{2,5}|[+-]\d\d:?\d\d)$/i;

/**
 * When something expires, as people and backends write it: epoch milliseconds, epoch seconds, a Date, or text with
 * date, time and zone.
 * @param now - epoch milliseconds; in virtual time small numbers are milliseconds
 * @returns epoch milliseconds, null for never, undefined if it is ambiguous
 */
export function readExpiry(value: unknown, now: number): number | null | undefined {
  if (value === null || value === undefined) return null;
  if (isDate(value)) return readExpiryMs(value.getTime());
  if (typeof value === 'number') return readNumber(value, now);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return readNumber(Number(text), now);
  return WITH_ZONE.test(text) ? readExpiryMs(parseDateText(text)) : undefined;
}

function readNumber(value: number, now: number): number | null | undefined {
  if (value >= NEVER_MS) return null;
  if (value >= EARLIEST_SECONDS && value < EARLIEST_MS) return value * 1000;
  if (value < EARLIEST_SECONDS && now >= EARLIEST_MS) return undefined;
  return readExpiryMs(value);
}

function readExpiryMs(value: number): number | undefined {
  return value < LATEST_MS ? value : undefined;
}
