import { Observable, timer, type OperatorFunction, type Subscription } from 'rxjs';

/**
 * Collects values that follow each other within a time: each message to another thread costs the same, whatever it holds.
 *
 * ```text
 * source:       a--b-c----d-----e|
 * batched(5):   a----x----d-----e|      (x: b and c)
 * ```
 * @param isUrgent - asked of each value in order: whether it is emitted at once, with those before it
 */
export function batched<T>(
  ms: number,
  isUrgent: (value: T) => boolean = () => false,
): OperatorFunction<T, readonly T[]> {
  return (source$) =>
    new Observable((subscriber) => {
      let batch: T[] = [];
      let pause: Subscription | null = null;
      const flush = (): void => {
        const values = batch;
        batch = [];
        if (values.length > 0) subscriber.next(values);
      };
      const flushOrRest = (): void => {
        pause = null;
        if (batch.length === 0) return;
        pause = timer(ms).subscribe(flushOrRest);
        flush();
      };
      subscriber.add(() => pause?.unsubscribe());
      return source$.subscribe({
        next: (value) => {
          const urgent = isUrgent(value);
          batch.push(value);
          if (pause === null) flushOrRest();
          else if (urgent) flush();
        },
        error: (error: unknown) => {
          flush();
          subscriber.error(error);
        },
        complete: () => {
          flush();
          subscriber.complete();
        },
      });
    });
}
