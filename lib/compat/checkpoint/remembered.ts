import type { ObjectOptions } from '../../model/object-options.js';
import type { RightOption } from '../../model/checkpoint/rights.js';
import type { ObsUploadCheckpoint } from '../model/checkpoint.js';

/** What a resume needs but a record must not contain. */
export interface Remembered extends Pick<ObjectOptions, RightOption> {
  /** 32 bytes, of SSE-C */
  readonly customerKey: Uint8Array | null;
}

/** An object that stands for a record. Frozen, so that frameworks that wrap objects in proxies (Vue) leave it as it is. */
type Token = Readonly<Record<string, never>>;

/** Neither JSON nor structured clone copies it. */
const TOKEN: unique symbol = Symbol('what this record needs to resume');

interface WithToken {
  readonly [TOKEN]?: Token;
}

/**
 * By the record object itself, so that it can be resumed on the same page without further parameters. Changing or
 * forging a record changes nothing here.
 */
const remembered = new WeakMap<Token, Remembered>();

export function remember(record: object, secret: Remembered): void {
  const token = (record as WithToken)[TOKEN] ?? Object.freeze({});
  if (!(TOKEN in record)) Object.defineProperty(record, TOKEN, { value: token });
  remembered.set(token, secret);
}

export function rememberedOf(record: ObsUploadCheckpoint | null): Remembered {
  const token = (record as WithToken | null)?.[TOKEN];
  return (token === undefined ? undefined : remembered.get(token)) ?? { customerKey: null };
}
