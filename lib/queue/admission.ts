import { asyncScheduler, Observable, type OperatorFunction } from 'rxjs';
import type { QueueRow } from '../model/queue/queue-state.js';
import type { QueueAdd, QueueCommand, QueueRequest } from './command.js';
import { fileOf, type QueueFile } from './file-of.js';
import type { QueueDefaults } from './options.js';
import type { StateHolder } from './state/state-holder.js';

/** Adds rows for requests, except for twins. */
export function admit(
  requests: readonly QueueRequest[],
  files: Map<string, QueueFile>,
  holder: StateHolder,
  defaults: QueueDefaults,
  newId: () => string,
): void {
  const { rows: known, pending } = holder.memory.state;
  const fileKeys = fileKeysOf(known, files);
  const rows: QueueRow[] = [];
  const refusals: (() => void)[] = [];
  for (const request of requests) {
    const id = request.id ?? freeId(files, newId);
    const { file, row } = fileOf(id, request, defaults, pending);
    const twin = file.fileKey === null ? undefined : fileKeys.get(file.fileKey);
    if (files.has(id)) {
      const text = `${row.name} is not added: its id ${JSON.stringify(id)} belongs to another file of the queue.`;
      refusals.push(() => holder.notice('id-in-use', id, text));
    } else if (twin !== undefined) {
      refusals.push(() => holder.notice('same-file', twin, `${row.name} is not added: it is in the queue already.`));
    } else {
      files.set(id, file);
      if (file.fileKey !== null) fileKeys.set(file.fileKey, id);
      rows.push(row);
    }
  }
  holder.apply({ type: 'added', rows });
  for (const refuse of refusals) refuse();
}

/** Ids of rows by what they are about; another row may be about what has ended. */
function fileKeysOf(rows: readonly QueueRow[], files: ReadonlyMap<string, QueueFile>): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { id, status } of rows) {
    const fileKey = files.get(id)?.fileKey ?? null;
    if (fileKey !== null && status !== 'completed' && status !== 'aborted') ids.set(fileKey, id);
  }
  return ids;
}

function freeId(files: ReadonlyMap<string, QueueFile>, newId: () => string): string {
  for (;;) {
    const id = newId();
    if (!files.has(id)) return id;
  }
}

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
