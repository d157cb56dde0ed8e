import { ServiceError } from '../../model/errors/errors.js';
import type { Operation } from '../../model/operation.js';

/** A list whose pages never end, by what is wrong with them. */
export function endlessList(operation: Operation, how: string): ServiceError {
  const context = { operation, status: 200, serviceCode: null, requestId: null };
  return new ServiceError('bad-response', `The service responded to ${operation} ${how}.`, context);
}
