// Must come before the library is loaded.
import './small-limits.js';
import { explore, type Depth } from './explore.js';
import type { SmallWorld } from './world.js';

const isSoak = process.env.SMALL_WORLDS === 'soak';
const quick: Depth = { faults: 2, faultsWithCancel: 0, merges: true };
const soak: Depth = { faults: 3, faultsWithCancel: 2, merges: true };

/** A soak takes hours, the quick run seconds. */
export const TIMEOUT_MS: number = isSoak ? 24 * 3_600_000 : 10 * 60_000;

/** Tries everything that can happen in a world, and prints the number of runs. */
export function expectLawsHold(world: SmallWorld, depth: Partial<Depth> = {}): void {
  const { runs, violations } = withoutStacks(() => explore(world, isSoak ? soak : { ...quick, ...depth }));
  process.stdout.write(`${world.name}: ${runs} runs\n`);
  expect(violations.slice(0, 20)).toEqual([]);
}

/** A violation is identified by its plan; capturing stacks would take a tenth of the time. */
function withoutStacks<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
