import { everyone, type Scenario } from '../scenario.js';
import { GIB, KIB } from '../work.js';

/** The overhead of a part. */
export const manyParts: Scenario = {
  id: 'many-parts',
  title: '1 GiB in 8,192 parts of 128 KiB, 4 at once',
  work: {
    files: 1,
    bytes: GIB,
    partSize: 128 * KIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: everyone,
};
