import { Subscription, type Observable, type Subscriber } from 'rxjs';
import type { UploadNotification } from '../../model/upload/event.js';
import type { QueueRow, QueueState } from '../../model/queue/queue-state.js';
import { monotonicNow } from '../../time.js';
import { isQueued } from '../state/row.js';
import type { StateHolder } from '../state/state-holder.js';

/** Runs the rows that wait for their turn, the first ones first, as many at once as allowed. */
export interface Turns {
  readonly startNext: () => void;
  /** Stops what is running and may no longer: aborts its requests. */
  readonly stopOthers: () => void;
  readonly setAtOnce: (files: number) => void;
  readonly isIdle: () => boolean;
}

export function createTurns(
  holder: StateHolder,
  run$: (row: QueueRow) => Observable<UploadNotification>,
  onIdle: () => void,
  subscriber: Subscriber<QueueState>,
): Turns {
  const running = new Map<string, Subscription>();
  let atOnce = 1;
  let isStarting = false;

  const startNext = (): void => {
    // What starts here may end synchronously and start the next one: a loop instead of recursion.
    if (isStarting) return;
    isStarting = true;
    while (!subscriber.closed && running.size < atOnce) {
      const next = holder.memory.state.rows.find((row) => isQueued(row) && !running.has(row.id));
      if (next === undefined) break;
      start(next);
    }
    isStarting = false;
    if (running.size === 0) onIdle();
  };

  const start = (row: QueueRow): void => {
    const { id } = row;
    const turn = new Subscription();
    const isRunning = (): boolean => running.get(id) === turn;
    running.set(id, turn);
    holder.apply({ type: 'starting', id, atMs: monotonicNow() });
    if (turn.closed || subscriber.closed) return;
    turn.add(
      run$(row).subscribe({
        next: (notification) => {
          if (isRunning()) holder.apply({ type: 'notified', id, notification, atMs: monotonicNow() });
        },
        complete: () => {
          if (!isRunning()) return;
          running.delete(id);
          startNext();
        },
      }),
    );
  };

  subscriber.add(() => {
    for (const turn of running.values()) turn.unsubscribe();
  });
  return {
    startNext,
    stopOthers: () => {
      if (running.size === 0) return;
      const mayRun = new Set(holder.memory.state.rows.flatMap(({ id, can }) => (can.pause ? [id] : [])));
      const stopped = [...running].filter(([id]) => !mayRun.has(id));
      // All of them before the first is unsubscribed from: its permit may start a part of another one.
      for (const [id] of stopped) running.delete(id);
      for (const [, turn] of stopped) turn.unsubscribe();
    },
    setAtOnce: (files) => {
      atOnce = files;
      startNext();
    },
    isIdle: () => running.size === 0,
  };
}
