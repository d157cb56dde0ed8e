import { asyncScheduler, Observable, type OperatorFunction } from 'rxjs';
import type { QueueAdd, QueueCommand } from './command.js';

/** The number of rows that a view can draw in less than 50 ms. */
const SLICE = 25;
/** About a frame. */
const PAUSE_MS = 16;

/**
 * Adds many files a few at a time, so that a view can draw them in between: a thousand at once would freeze it. The next
 * command, which may be about them, adds the rest first.
 *
 * ```text
 * commands:      (add 120)---------------------p
 * sliceAdds():   (add 25)--(add 25)--…--(add 20)--p
 * ```
 */
export function sliceAdds(): OperatorFunction<QueueCommand, QueueCommand> {
  return (command$) =>
    new Observable((subscriber) => {
      let backlog: QueueAdd['requests'] = [];
      let isDue = false;
      let hasEnded = false;
      const add = (count: number): void => {
        const requests = backlog.slice(0, count);
        backlog = backlog.slice(count);
        if (requests.length > 0) subscriber.next({ type: 'add', requests });
      };
      const addLater = (): void => {
        if (backlog.length === 0) {
          if (hasEnded) subscriber.complete();
          return;
        }
        isDue = true;
        subscriber.add(
          asyncScheduler.schedule(() => {
            isDue = false;
            add(SLICE);
            addLater();
          }, PAUSE_MS),
        );
      };
      subscriber.add(
        command$.subscribe({
          next: (command) => {
            if (command.type === 'add') {
              backlog = [...backlog, ...command.requests];
              if (isDue) return;
              add(SLICE);
              addLater();
            } else {
              add(backlog.length);
              subscriber.next(command);
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            hasEnded = true;
            if (!isDue) subscriber.complete();
          },
        }),
      );
    });
}
