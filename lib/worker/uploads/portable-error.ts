import {
  CheckpointError,
  IntegrityError,
  InvalidOptionsError,
  NetworkError,
  ServiceError,
  SigningError,
  SourceError,
  StoreError,
  WorkerError,
} from '../../model/errors/errors.js';
import { isUploadError } from '../../model/errors/is-upload-error.js';
import { isError } from '../../model/kinds.js';

/** An error as structured clone can carry it: engines clone errors without their own fields and classes. */
export interface PortableError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its other fields that can be cloned: all of an `UploadError`, the HTTP status of any other. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: PortableError | null;
}

const CLASSES: readonly { readonly name: string; readonly prototype: Error }[] = [
  CheckpointError,
  IntegrityError,
  InvalidOptionsError,
  NetworkError,
  ServiceError,
  SigningError,
  SourceError,
  StoreError,
  WorkerError,
];

/** An error may be its own cause. */
const MAX_CAUSES = 8;

/** Whatever an application throws: it may have getters that throw, or no text at all. */
export function toPortable(error: unknown, causesLeft: number = MAX_CAUSES): PortableError {
  try {
    if (!isError(error)) return plainError(describe(error), statusOf(error));
    const { name, message, stack, cause } = error;
    return {
      name,
      message,
      stack,
      fields: isUploadError(error) ? plainFieldsOf(error) : statusOf(error),
      cause: cause === undefined || causesLeft === 0 ? null : toPortable(cause, causesLeft - 1),
    };
  } catch {
    return plainError('An error that cannot be read.', {});
  }
}

function plainError(message: string, fields: PortableError['fields']): PortableError {
  return { name: 'Error', message, stack: undefined, fields, cause: null };
}

/** The same error, of the same class, in this thread. */
export function fromPortable({ name, message, stack, fields, cause }: PortableError): Error {
  const error = new Error(message, cause === null ? undefined : { cause: fromPortable(cause) });
  const known = 'isRxObsUploadError' in fields ? CLASSES.find((each) => each.name === name) : undefined;
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  for (const [key, value] of Object.entries({ ...fields, name })) {
    Object.defineProperty(error, key, { value, enumerable: key !== 'name', writable: true, configurable: true });
  }
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Everything that an `UploadError` has is plain, except its cause. */
function plainFieldsOf(error: object): Readonly<Record<string, unknown>> {
  const { cause: _, stack: __, message: ___, ...fields } = error as Error;
  return { ...fields };
}

/** The HTTP status shows whether a backend refused or failed. */
function statusOf(error: unknown): Readonly<Record<string, unknown>> {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' ? { status } : {};
}

/** An error response of an HTTP client may not be an `Error`, but has a message. */
function describe(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
