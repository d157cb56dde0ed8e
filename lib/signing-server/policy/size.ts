import { Refusal } from '../refusal.js';
import type { ResolvedPolicy } from './resolve-policy.js';
import type { CallName } from './call.js';

type Limits = Pick<ResolvedPolicy, 'maxPartBytes' | 'maxObjectBytes' | 'maxPutBytes'>;

/**
 * The size that the page announces. A signed PUT does not bind it, so this only saves honest pages useless work; the
 * parts are checked again before they become an object.
 * @throws Refusal
 */
export function requireSize(size: number | null, call: CallName, { maxPartBytes, maxPutBytes }: Limits): void {
  if (call !== 'part' && call !== 'put') return;
  if (size === null || !Number.isSafeInteger(size) || size < 0) throw new Refusal('size is missing.', 400);
  // No signature binds a size, so one for 0 bytes would let any number of them through.
  if (call === 'put' && maxPutBytes === 0) throw new Refusal('Files must be sent in parts.');
  if (size > (call === 'part' ? maxPartBytes : maxPutBytes)) throw new Refusal('The request is too large.');
}

/**
 * The parts on the server, before they become an object.
 * @throws Refusal
 */
export function requirePartSizes(sizes: readonly number[], { maxPartBytes, maxObjectBytes }: Limits): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => size > maxPartBytes) || total > maxObjectBytes) throw new Refusal('The file is too large.');
}
