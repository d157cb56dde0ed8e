import { everyone, type Scenario } from '../scenario.js';
import { GIB, MIB } from '../work.js';

/** 1 GiB in parts of 9 MiB: only the line should limit the speed. */
export const largeFile: readonly Scenario[] = [1, 4, 6].map((taskNum) => ({
  id: `large-file-${taskNum}`,
  title: `1 GiB, 9 MiB parts, ${taskNum} at once`,
  work: {
    files: 1,
    bytes: GIB,
    partSize: 9 * MIB,
    taskNum,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: everyone,
}));
