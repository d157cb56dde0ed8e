import { asyncScheduler, type Observable, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** What an observable has emitted, with virtual times in milliseconds. */
export interface Recording<T> {
  readonly values: readonly T[];
  readonly times: readonly number[];
  readonly error: unknown;
  readonly completed: boolean;
  readonly endedAt: number | null;
  unsubscribe(): void;
}

/** Runs a spec in virtual time, until no scheduled action is left. */
export function inVirtualTime(spec: () => void): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ flush }) => {
    spec();
    flush();
  });
}

/** Subscribes and records all notifications. */
export function record<T>(source$: Observable<T>): Recording<T> {
  const recording = {
    values: [] as T[],
    times: [] as number[],
    error: undefined as unknown,
    completed: false,
    endedAt: null as number | null,
  };
  const subscription: Subscription = source$.subscribe({
    next: (value) => {
      recording.values.push(value);
      recording.times.push(asyncScheduler.now());
    },
    error: (error: unknown) => {
      recording.error = error;
      recording.endedAt = asyncScheduler.now();
    },
    complete: () => {
      recording.completed = true;
      recording.endedAt = asyncScheduler.now();
    },
  });
  return Object.assign(recording, { unsubscribe: () => subscription.unsubscribe() });
}

/** Runs an action at a virtual time. */
export function at(ms: number, action: () => void): void {
  asyncScheduler.schedule(action, ms - asyncScheduler.now());
}

/** Records in virtual time, until no scheduled action is left. */
export function runVirtually<T>(start: () => Recording<T>): Recording<T> {
  const recordings: Recording<T>[] = [];
  inVirtualTime(() => recordings.push(start()));
  return recordings[0] as Recording<T>;
}
