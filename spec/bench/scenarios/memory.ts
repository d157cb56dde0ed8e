import { everyone, type Scenario } from '../scenario.js';
import { GIB, MIB } from '../work.js';

/** A file larger than the memory that a page may use. */
export const memory: Scenario = {
  id: 'memory',
  title: '4 GiB, 9 MiB parts, 4 at once',
  work: {
    files: 1,
    bytes: 4 * GIB,
    partSize: 9 * MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: everyone,
  maxRounds: 3,
};
