import type { QueueRow } from '../model/queue/queue-state.js';
import type { QueueRequest } from './command.js';
import { fileOf, type QueueFile } from './file-of.js';
import type { QueueDefaults } from './options.js';
import type { StateHolder } from './state-holder.js';

/** Adds rows for requests, except for twins. */
export function admit(
  requests: readonly QueueRequest[],
  files: Map<string, QueueFile>,
  holder: StateHolder,
  defaults: QueueDefaults,
  newId: () => string,
): void {
  const fileKeys = fileKeysOf(holder.memory.state.rows, files);
  const rows: QueueRow[] = [];
  const refusals: (() => void)[] = [];
  for (const request of requests) {
    const id = request.id ?? freeId(files, newId);
    const { file, row } = fileOf(id, request, defaults);
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
