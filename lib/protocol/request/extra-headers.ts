import type { ObjectOptions } from '../../model/object-options.js';

/** Those of a request that creates the object in one go, or of one step of a multipart upload. */
export function extraHeaders(
  { headers = {} }: ObjectOptions,
  ...steps: readonly ('initiate' | 'part' | 'complete')[]
): Record<string, string> {
  // In lower case, so that two steps cannot give one header twice.
  const entries = steps.flatMap((step) => Object.entries(headers[step] ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
