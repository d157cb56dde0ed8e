/** What a text says as JSON; undefined where it says nothing, which no reader of records takes for one. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
