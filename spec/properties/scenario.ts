import fc from 'fast-check';
import type { FakeLine, FaultRule } from 'rx-obs-upload/testing';
import { kinds } from '../support/fault-kinds.js';
import { PART } from '../support/upload-world.js';

/** What happens to one upload: everything that is chosen at random. */
export interface Scenario {
  /** bytes */
  readonly size: number;
  /** null: a file */
  readonly stream: StreamPlan | null;
  readonly taskNum: number;
  readonly maxConcurrentRequests: number;
  readonly multipart: 'auto' | 'always';
  readonly etags: 'md5' | 'fast';
  readonly checksum: 'none' | 'md5';
  readonly latencyMs: number;
  /** The virtual milliseconds after which each subscription but the last unsubscribes. */
  readonly cancelsAfterMs: readonly number[];
  /** Only every nth checkpoint is stored, so a resume may start from an older one than the last. */
  readonly keepsEvery: number;
  readonly faults: readonly FaultPlan[];
  readonly swizzle: Swizzle | null;
  /** Changes of the machine's clock during the upload: when, and how far off it is from then on. */
  readonly clockSettings: readonly ClockSetting[];
}

/** How a stream delivers the bytes. */
export interface StreamPlan {
  readonly chunkBytes: number;
  readonly everyMs: number;
}

export interface ClockSetting {
  readonly atMs: number;
  readonly offByMs: number;
}

export interface FaultPlan {
  readonly operation: Operation;
  /** Name of one of the fault kinds. */
  readonly kind: string;
  readonly arrival: number;
  readonly times: number;
}

const operations = [
  'initiateMultipartUpload',
  'uploadPart',
  'uploadPart',
  'uploadPart',
  'listParts',
  'completeMultipartUpload',
  'completeMultipartUpload',
  'headObject',
  'putObject',
] as const;
type Operation = (typeof operations)[number];

/** Empty if such a request cannot have the fault. */
export function faultsOf({ operation, kind, arrival, times }: FaultPlan): readonly FaultRule[] {
  const found = kinds.find(({ name }) => name === kind);
  return found?.concerns(operation) === true ? found.build({ arrival, times }, operation) : [];
}

/**
 * Swizzle-clogging, as in FoundationDB's simulation: a random subset of the connections is stopped one by one, then
 * started again one by one in another order.
 */
export interface Swizzle {
  readonly startMs: number;
  readonly gapMs: number;
  readonly heldMs: number;
  readonly stops: readonly FakeLine[];
  readonly starts: readonly FakeLine[];
}

const lines: readonly FakeLine[] = [null, 1, 2, 3, 4, 5];

const swizzles: fc.Arbitrary<Swizzle> = fc
  .tuple(
    fc.integer({ min: 0, max: 600 }),
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: 12_000 }),
    fc.shuffledSubarray([...lines], { minLength: 1 }),
  )
  .chain(([startMs, gapMs, heldMs, stops]) =>
    fc
      .shuffledSubarray(stops, { minLength: stops.length })
      .map((starts) => ({ startMs, gapMs, heldMs, stops, starts })),
  );

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  size: fc.oneof(fc.constantFrom(0, 1, PART, 2 * PART, 3 * PART), fc.integer({ min: 0, max: 5 * PART })),
  stream: fc.option(
    fc.record({ chunkBytes: fc.integer({ min: 20_000, max: 2 * PART }), everyMs: fc.integer({ min: 0, max: 150 }) }),
  ),
  taskNum: fc.integer({ min: 1, max: 4 }),
  maxConcurrentRequests: fc.integer({ min: 1, max: 4 }),
  multipart: fc.constantFrom('auto', 'always'),
  etags: fc.constantFrom('fast', 'fast', 'fast', 'md5'),
  checksum: fc.constantFrom('none', 'none', 'none', 'md5'),
  latencyMs: fc.constantFrom(0, 1, 10),
  cancelsAfterMs: fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 3 }),
  keepsEvery: fc.integer({ min: 1, max: 3 }),
  faults: fc.array(
    fc.record({
      operation: fc.constantFrom(...operations),
      kind: fc.constantFrom(...kinds.map(({ name }) => name)),
      arrival: fc.integer({ min: 1, max: 4 }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 5 },
  ),
  swizzle: fc.option(swizzles),
  clockSettings: fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 1000 }),
      offByMs: fc.integer({ min: -23 * 3_600_000, max: 23 * 3_600_000 }),
    }),
    { maxLength: 2 },
  ),
});
