/** Parses JSON; undefined if it is invalid, which is not a valid record either. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
