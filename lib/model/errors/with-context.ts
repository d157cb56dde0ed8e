import type { UploadCheckpoint } from '../checkpoint/checkpoint.js';
import type { Operation } from '../operation.js';
import type { UploadError } from './upload-error.js';

/** What only those who pass an error on know about it. */
export interface ErrorContext {
  readonly operation?: Operation | null;
  readonly partNumber?: number | null;
  readonly checkpoint?: UploadCheckpoint | null;
}

/**
 * A copy of an error with its context; the error itself if it has that context already. Never changes the error: several
 * requests and uploads may fail with the same one, and it may be frozen. The copy keeps the class, the stack, the cause
 * and every other field.
 */
export function withContext<E extends UploadError>(error: E, context: ErrorContext): E {
  const fields = Object.entries(context);
  if (fields.every(([name, value]) => error[name as keyof ErrorContext] === value)) return error;
  const copy = Object.setPrototypeOf(new Error(error.message), Object.getPrototypeOf(error) as object) as E;
  for (const key of Reflect.ownKeys(error)) {
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    define(copy, key, error[key as keyof E], enumerable);
  }
  // Not an own property in every engine.
  define(copy, 'stack', error.stack, false);
  for (const [name, value] of fields) define(copy, name, value, true);
  return copy;
}

function define(copy: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
}
