import type { CallName } from './call.js';
import { Refusal, type SigningPolicy } from './policy.js';

type Limits = Pick<SigningPolicy, 'maxPartBytes' | 'maxObjectBytes' | 'maxPutBytes'>;

/**
 * What the page says that it will send. A signed PUT binds no size, so this only keeps honest pages from work in vain;
 * parts are looked at again before they become an object.
 * @throws Refusal
 */
export function requireSize(size: number | null, call: CallName, { maxPartBytes, maxPutBytes }: Limits): void {
  if (call !== 'part' && call !== 'put') return;
  if (size === null || !Number.isSafeInteger(size) || size < 0) throw new Refusal('size is missing.', 400);
  if (size > (call === 'part' ? maxPartBytes : maxPutBytes)) throw new Refusal('That is too much at once.');
}

/**
 * What is truly on the server, before it becomes an object.
 * @throws Refusal
 */
export function requirePartSizes(sizes: readonly number[], { maxPartBytes, maxObjectBytes }: Limits): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => size > maxPartBytes) || total > maxObjectBytes) throw new Refusal('The file is too large.');
}
