import { isBytes } from '../../model/kinds.js';
import { InvalidOptionsError } from '../../model/errors/errors.js';
import type { SseCustomerKey, SseManaged } from '../../model/object-options.js';
import type { SseCParams, SseParams } from '../model/object-params.js';

/** null: the request does not ask for encryption */
export function sseOf(params: SseParams): SseManaged | SseCustomerKey | null {
  const key = sseCKeyOf(params);
  if (key !== null) return { type: 'customer', key };
  const { SseKms, SseKmsKey } = params;
  if (!SseKms) return null;
  switch (SseKms) {
    case 'kms':
    case 'aws:kms':
      return !SseKmsKey ? { type: 'kms' } : { type: 'kms', keyId: SseKmsKey };
    case 'AES256':
      return { type: 'AES256' };
    default:
      throw new InvalidOptionsError('SseKms', 'SseKms must be kms or AES256.');
  }
}

/**
 * The official SDK accepts the key as a string of one character per byte.
 * @returns null unless both parameters are there
 */
export function sseCKeyOf({ SseC, SseCKey }: SseCParams): Uint8Array | null {
  if (!SseC && !SseCKey) return null;
  if (SseC !== 'AES256') throw new InvalidOptionsError('SseC', 'SseC must be AES256 where SseCKey is given.');
  const key = typeof SseCKey === 'string' ? Uint8Array.from(SseCKey, (char) => char.charCodeAt(0)) : SseCKey;
  const isRaw = typeof SseCKey !== 'string' || /^[\0-\u00ff]*$/.test(SseCKey);
  if (isBytes(key) && key.length === 32 && isRaw) return key;
  throw new InvalidOptionsError(
    'SseCKey',
    'SseCKey must be the 32 bytes of the key as they are (one character a byte, or a Uint8Array), not Base64.',
  );
}
