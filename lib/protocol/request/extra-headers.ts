import type { ObjectOptions } from '../../model/object-options.js';
import { encodeHeaderValue } from './encode.js';

/**
 * Those of a request that creates the object in one go, or of one step of a multipart upload. Of characters that are not
 * ASCII a browser sends other bytes than were signed, or it refuses them, so they are encoded.
 */
export function extraHeaders(
  { headers = {} }: ObjectOptions,
  ...steps: readonly ('initiate' | 'part' | 'complete')[]
): Record<string, string> {
  // In lower case, so that two steps cannot give one header twice.
  const entries = steps.flatMap((step) => Object.entries(headers[step] ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), encodeHeaderValue(value)]));
}
