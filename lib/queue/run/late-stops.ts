import type { Subscriber, Subscription } from 'rxjs';
import type { QueueRow } from '../../model/queue/queue-state.js';
import type { QueueFile } from '../file-of.js';

type Stop = 'pause' | 'abort';
/** null: all rows */
type Ids = readonly string[] | null;

/** Pauses and aborts that wait until their upload may be stopped. */
export interface LateStops {
  /** @returns the ids of rows that can be stopped now */
  readonly postpone: (type: Stop, ids: Ids, rows: readonly QueueRow[]) => Ids;
  /** Pauses of rows that are resumed; an abort stays. */
  readonly revoke: (ids: Ids) => void;
  /** Of a row that is removed. */
  readonly forget: (id: string) => void;
}

export function createLateStops(
  files: ReadonlyMap<string, QueueFile>,
  carryOut: (type: Stop, ids: readonly string[]) => void,
  subscriber: Subscriber<unknown>,
): LateStops {
  const waiting = new Map<string, { readonly type: Stop; readonly subscription: Subscription }>();

  const forget = (id: string): void => {
    waiting.get(id)?.subscription.unsubscribe();
    waiting.delete(id);
  };
  const wait = (type: Stop, id: string, { gate }: QueueFile): void => {
    if (waiting.get(id)?.type === 'abort') return;
    forget(id);
    const subscription = gate.whenOpen$.subscribe(() => {
      waiting.delete(id);
      carryOut(type, [id]);
    });
    waiting.set(id, { type, subscription });
    subscriber.add(subscription);
  };
  return {
    postpone: (type, ids, rows) => {
      const meant = ids ?? rows.map(({ id }) => id);
      const now = meant.filter((id) => {
        const file = files.get(id);
        if (file === undefined || file.gate.isOpen()) return true;
        wait(type, id, file);
        return false;
      });
      return now.length === meant.length ? ids : now;
    },
    revoke: (ids) => {
      for (const id of ids ?? waiting.keys()) if (waiting.get(id)?.type === 'pause') forget(id);
    },
    forget,
  };
}
