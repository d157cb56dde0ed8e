import { from, throwError, type Observable, type ObservableInput } from 'rxjs';
import { InvalidOptionsError } from '../model/errors/invalid-options-error.js';
import { isVirtualTime } from '../time.js';

/**
 * Converts what a port or a function of the application returns to an Observable. In virtual time a Promise fails at
 * once: it would settle only after `TestScheduler.run` has returned.
 * @param option - what returned it
 */
export function fromPort<T>(input: ObservableInput<T>, option: string): Observable<T> {
  if (!needsRealTime(input) || !isVirtualTime()) return from(input);
  return throwError(() => notInVirtualTime(option, `Let ${option} return an Observable such as of(value)`));
}

/** @param instead - what to use in its place */
export function notInVirtualTime(option: string, instead: string): InvalidOptionsError {
  return new InvalidOptionsError(
    option,
    `A File or a Promise cannot settle inside TestScheduler.run (virtual time). ${instead}, or run this test in real time.`,
  );
}

function needsRealTime(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || 'subscribe' in input) return false;
  return 'then' in input || Symbol.asyncIterator in input || 'getReader' in input;
}
