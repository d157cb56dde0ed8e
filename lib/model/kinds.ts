// Type checks across realms: jsdom, frames and Node have different classes of the same name, so `instanceof` fails.

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array');
}

/** A Blob or a File; those of jsdom long had neither `arrayBuffer` nor `stream`. */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== 'object' || value === null || isBytes(value) || !('slice' in value && 'size' in value)) {
    return false;
  }
  return 'arrayBuffer' in value || tagOf(value) === 'Blob' || tagOf(value) === 'File';
}

export function isDate(value: unknown): value is Date {
  return tagOf(value) === 'Date';
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Of any realm, so not `instanceof`. */
export function isError(value: unknown): value is Error {
  const { name, message } = (value ?? {}) as Partial<Record<'name' | 'message', unknown>>;
  return typeof name === 'string' && typeof message === 'string';
}
