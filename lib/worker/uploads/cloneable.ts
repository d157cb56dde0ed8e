/**
 * A message without the values that structured clone refuses, such as functions. What this library reads can be cloned,
 * so they are in fields that it does not know, and in the page it ignores those too.
 * @param parents - the objects that the value is in: a reference back to one of them is left out as well
 */
export function cloneable(value: unknown, parents: readonly unknown[] = []): unknown {
  if (parents.includes(value)) return undefined;
  const within = [...parents, value];
  if (Array.isArray(value)) return value.map((field) => cloneable(field, within));
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cloneable(field, within)]));
  }
  return canBeCloned(value) ? value : undefined;
}

/** Sends it to nobody: the oldest browsers that are supported have no `structuredClone`. */
function canBeCloned(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol';
  const { port1 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
  }
}

/** Not the objects of an application's classes: what they refer to may have no end. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
