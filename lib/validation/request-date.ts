import { isDate } from '../model/kinds.js';
import { InvalidOptionsError } from '../model/errors/errors.js';

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const RFC_822 = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{2,4} \d\d:\d\d(?::\d\d)? (?:[a-z]{1,5}|[+-]\d{4})$/i;

/** @returns epoch milliseconds */
export function parseRequestDate(value: unknown): number {
  const time = isDate(value) ? value.getTime() : parseDateText(value);
  if (Number.isNaN(time)) {
    throw new InvalidOptionsError(
      'requestDate',
      'requestDate must be a Date, or text such as 2024-01-02T03:04:05Z or Tue, 02 Jan 2024 03:04:05 GMT.',
    );
  }
  return time;
}

/** `Date.parse` alone accepts nearly anything as a date. @returns epoch milliseconds, or NaN */
export function parseDateText(value: unknown): number {
  if (typeof value !== 'string') return Number.NaN;
  const text = value.trim();
  return ISO_8601.test(text) || RFC_822.test(text) ? Date.parse(text) : Number.NaN;
}
