import { InvalidOptionsError } from '../model/errors/errors.js';
import { isDate } from '../model/kinds.js';

export function requireText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new InvalidOptionsError(option, `${option} must be a non-empty string.`);
  return value;
}

/** Unvalidated options by name. */
export type Untrusted = Readonly<Record<string, unknown>>;

export function requireObject(option: string, value: unknown): Untrusted {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Untrusted;
  throw new InvalidOptionsError(option, `${option} must be an object; it is ${show(value)}.`);
}

/** @param max - by default there is no upper bound */
export function requireInteger(option: string, value: unknown, min: number, max = Infinity): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    const number = max === Infinity ? `finite whole number from ${min}` : `whole number from ${min} to ${max}`;
    throw new InvalidOptionsError(option, `${option} must be a ${number}; it is ${show(value)}.`);
  }
  return value;
}

export function requireBoolean(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionsError(option, `${option} must be true or false; it is ${show(value)}.`);
}

/** A duration; fractions are fine. */
export function requireMilliseconds(option: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
    throw new InvalidOptionsError(
      option,
      `${option} must be a number of milliseconds from ${min}; it is ${show(value)}.`,
    );
  }
  return value;
}

export function requireOneOf<T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new InvalidOptionsError(option, `${option} must be one of ${allowed.join(', ')}; it is ${show(value)}.`);
  }
  return found;
}

/** Line breaks and other control characters could add headers of their own. */
export function requireHeaderText(option: string, value: unknown): string {
  if (typeof value !== 'string')
    throw new InvalidOptionsError(option, `${option} must be a string; it is ${show(value)}.`);

  if (hasControls(value)) {
    throw new InvalidOptionsError(option, `${option} must not have line breaks or other control characters.`);
  }
  if (!isWellFormed(value)) throw new InvalidOptionsError(option, `${option} has half of a surrogate pair.`);
  return value;
}

/** Header names are case-insensitive: two that differ only in case would be sent as one, with both values. */
export function requireOneOfEach(option: string, names: readonly string[]): void {
  const twin = twinOf(names);
  if (twin === undefined) return;
  throw new InvalidOptionsError(option, `${option} has ${show(twin)} twice: names are not case-sensitive.`);
}

/** The first name that differs from another only in case. */
export function twinOf(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size);
}

/** Whether it is text that is valid in a header. */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && !hasControls(value) && isWellFormed(value);
}

/** Whether all characters are printable ASCII: what clients send and services read as the same bytes. */
export function isPrintableAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}

/** Whether a header can have this name (RFC 9110, 5.1). */
export function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

function hasControls(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}

/** Whether text is valid Unicode: no half of a surrogate pair, which could not be sent as UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Short, and never the contents of an object: it might hold a secret. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

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
