import { isHeaderText } from '../../validation/check.js';
import { MAX_TEXT } from '../../validation/checkpoint.js';

/** Longer than any registered type (RFC 6838, 4.2), with room for parameters. */
const MAX_TYPE = 1024;

/**
 * Name and type of a source as the library uses them. They become part of a checkpoint, so values that would make a
 * checkpoint invalid are dropped or shortened here.
 */
export function describe(name: unknown, type: unknown): { readonly name: string | null; readonly type: string } {
  return { name: nameOf(name), type: typeOf(type) };
}

/** On the wire a header has no blanks around its value. */
function typeOf(type: unknown): string {
  return isHeaderText(type) && type.length <= MAX_TYPE ? type.trim() : '';
}

function nameOf(name: unknown): string | null {
  return typeof name === 'string' ? name.slice(0, MAX_TEXT).replace(/\p{Surrogate}/gu, '\ufffd') : null;
}
