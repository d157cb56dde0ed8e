import { catchError, throwError, type MonoTypeOperatorFunction } from 'rxjs';

/** `map` for the error of a source. */
export function mapError<T>(project: (error: unknown) => unknown): MonoTypeOperatorFunction<T> {
  return catchError((error: unknown) => throwError(() => project(error)));
}
