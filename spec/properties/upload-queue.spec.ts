import fc from 'fast-check';
import { BehaviorSubject, Subject, tap } from 'rxjs';
import { uploadQueue$, type QueueCommand, type QueueRow, type QueueState } from 'rx-obs-upload';
import {
  bytesOf,
  createFakeObs,
  fakeCheckpointStore,
  fakeSource,
  type FakeObs,
  type FakeSource,
} from 'rx-obs-upload/testing';
import { kinds } from '../support/fault-kinds.js';
import { connectionTo, PART, slowSource } from '../support/upload-world.js';
import { at, inVirtualTime, record } from '../support/virtual-time.js';

const runs = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 500) / 5);
const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);

const FILES = 5;
const files: readonly FakeSource[] = Array.from({ length: FILES }, (_, i) =>
  fakeSource({ name: `${i}.bin`, size: [3 * PART, 1, 2 * PART + 7, 0, 4 * PART][i] ?? 0 }),
);
const ids = files.map((_, i) => `f${i}`);

interface Scenario {
  readonly filesAtOnce: number;
  readonly laterAtOnce: number;
  readonly hasStore: boolean;
  /** The duration of each slice of a sample and of each call of the store; null: synchronous. */
  readonly readMs: number | null;
  readonly latencyMs: number;
  readonly commands: readonly (readonly [atMs: number, command: QueueCommand])[];
  readonly faults: readonly {
    readonly operation: Operation;
    readonly kind: string;
    readonly arrival: number;
    readonly times: number;
  }[];
}

const operations = [
  'initiateMultipartUpload',
  'uploadPart',
  'listParts',
  'completeMultipartUpload',
  'putObject',
  'abortMultipartUpload',
] as const;
type Operation = (typeof operations)[number];

// Faults that falsely report a missing upload are left out: the parts of such an upload stay on the server.
const usableKinds = kinds.filter(({ name }) => !name.startsWith('404') && !name.startsWith('405'));

const someIds = fc.option(fc.subarray(ids), { nil: undefined });
const commands: fc.Arbitrary<QueueCommand> = fc.oneof(
  fc.subarray(ids, { minLength: 1 }).map((some): QueueCommand => ({ type: 'add', requests: some.map(requestOf) })),
  fc
    .tuple(fc.constantFrom('pause', 'resume', 'retry', 'abort', 'remove', 'moveToFront'), someIds)
    .map(([type, some]): QueueCommand => ({ type, ids: some })),
  fc.constantFrom<QueueCommand>({ type: 'refresh' }, { type: 'dismiss' }, { type: 'discard' }),
);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  filesAtOnce: fc.integer({ min: 1, max: 3 }),
  laterAtOnce: fc.integer({ min: 1, max: 3 }),
  hasStore: fc.boolean(),
  readMs: fc.constantFrom(null, 5, 100),
  latencyMs: fc.constantFrom(0, 1, 10),
  commands: fc.array(fc.tuple(fc.integer({ min: 0, max: 1500 }), commands), { maxLength: 12 }),
  faults: fc.array(
    fc.record({
      operation: fc.constantFrom(...operations),
      kind: fc.constantFrom(...usableKinds.map(({ name }) => name)),
      arrival: fc.integer({ min: 1, max: 4 }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 3 },
  ),
});

function requestOf(id: string): { id: string; key: string; sourceFile: FakeSource } {
  const i = ids.indexOf(id);
  return { id, key: `${i}.bin`, sourceFile: files[i] as FakeSource };
}

describe('any commands and faults', () => {
  it(`leave the queue in consistent states (${runs} runs, seed ${seed})`, () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        inVirtualTime(() => runScenario(scenario));
      }),
      { numRuns: runs, seed },
    );
  });
});

/** What the states of a row have shown so far. */
interface Seen {
  readonly addedAt: number;
  readonly uploadId: string | null;
}

function runScenario({
  filesAtOnce,
  laterAtOnce,
  hasStore,
  readMs,
  latencyMs,
  commands: sent,
  faults,
}: Scenario): void {
  const fake = createFakeObs({
    latencyMs,
    bytesPerSecond: PART * 10,
    etags: 'fast',
    faults: faults.flatMap(({ operation, kind, ...match }) => {
      const found = usableKinds.find(({ name }) => name === kind);
      return found?.concerns(operation) === true ? found.build(match, operation) : [];
    }),
  });
  const bound$ = new BehaviorSubject(filesAtOnce);
  const commands$ = new Subject<QueueCommand>();
  const store = hasStore ? fakeCheckpointStore({ latencyMs: readMs }) : undefined;
  const options = {
    filesAtOnce: bound$,
    checkpointStore: store,
    defaults: { bucket: 'media', partSize: PART, stallTimeoutMs: 5000, lock: null },
  };
  const seen = new Map<string, Seen>();
  const uploadIdOf = (id: string): string => seen.get(id)?.uploadId ?? 'none';
  const maxFiles = Math.max(filesAtOnce, laterAtOnce);
  // A failed expectation becomes the error of the stream.
  const states = record(
    uploadQueue$(connectionTo(fake, {}), commands$, options).pipe(
      tap((state) => expectInvariants(fake, state, maxFiles, seen)),
    ),
  );
  at(700, () => bound$.next(laterAtOnce));
  for (const [ms, command] of sent)
    at(ms, () => commands$.next(readMs === null ? command : readSlowly(command, readMs)));
  at(2000, () => commands$.next({ type: 'resume' }));
  at(1_000_000, () => commands$.complete());
  at(1_000_001, () => {
    if (states.error instanceof Error) throw states.error;
    expect(states.completed).toBe(true);
    expect(fake.inFlight()).toBe(0);
    const last = states.values.at(-1) as QueueState;
    expect(JSON.parse(JSON.stringify(last))).toEqual(last);
    const stored = JSON.stringify([...(store?.entries ?? [])]);
    for (const row of last.rows) {
      if (row.status === 'completed') expectBytes(fake, row);
      if (row.status === 'aborted') law(!stored.includes(uploadIdOf(row.id)), `${row.id} has a record`);
    }
  });
}

function readSlowly(command: QueueCommand, readMs: number): QueueCommand {
  if (command.type !== 'add') return command;
  const requests = command.requests.map((request) => ({
    ...request,
    sourceFile: slowSource(request.sourceFile as FakeSource, readMs),
  }));
  return { ...command, requests };
}

/** Checks a state, and updates what has been seen of each row. */
function expectInvariants(fake: FakeObs, state: QueueState, maxFiles: number, seen: Map<string, Seen>): void {
  const { rows, counts, totals } = state;
  const sum = (of: (row: QueueRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  law(new Set(rows.map(({ id }) => id)).size === rows.length, 'each file is in one row');
  for (const [status, count] of Object.entries(counts)) {
    law(count === sum((row) => Number(row.status === status)), `counts of ${status}`);
  }
  law(totals.transferredBytes === sum(({ snapshot }) => snapshot.transferredBytes), 'bytes are the sum of the rows');
  law(
    totals.totalBytes === sum(({ snapshot }) => snapshot.totalBytes ?? snapshot.availableBytes),
    'the total is the sum of the rows',
  );
  law(totals.fraction !== null && totals.fraction >= 0 && totals.fraction <= 1, 'the fraction is one');
  const active = rows.filter(({ can, snapshot }) => can.pause && snapshot.waitingFor !== 'queued');
  law(active.length <= maxFiles, `${active.length} files at once`);
  const inFlight = new Set(fake.log.filter(({ endedAt }) => endedAt === null).map(({ key }) => key));
  for (const row of rows) {
    const { id, status, key, can, snapshot } = row;
    law(!(can.pause && (can.resume || can.retry)), `${id} is running and stopped`);
    const hasStopped = ['paused', 'failed', 'completed', 'aborted'].includes(status);
    law(!hasStopped || !inFlight.has(key), `${id} is ${status}, and a request is in flight`);
    const { addedAt, uploadId } = seen.get(id) ?? { addedAt: fake.now(), uploadId: null };
    seen.set(id, { addedAt, uploadId: snapshot.checkpoint?.uploadId ?? uploadId });
    // The uploads of a removed row may remain.
    const remaining = fake.uploads().filter((upload) => upload.key === key && upload.initiatedAt >= addedAt);
    law(status !== 'aborted' || remaining.every(({ parts }) => parts.size === 0), `${id} has parts on the server`);
  }
  for (const id of seen.keys()) if (!rows.some((row) => row.id === id)) seen.delete(id);
}

function law(holds: boolean, invariant: string): asserts holds {
  if (!holds) throw new Error(`This does not hold: ${invariant}`);
}

function expectBytes(fake: FakeObs, { id, key }: QueueRow): void {
  const source = files[ids.indexOf(id)] as FakeSource;
  expect(Buffer.compare(fake.object(key)?.bytes ?? new Uint8Array(1), bytesOf(source))).toBe(0);
}
