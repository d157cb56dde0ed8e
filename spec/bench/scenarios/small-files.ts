import { everyone, type Scenario } from '../scenario.js';
import { KIB, MIB } from '../work.js';

/** What a file costs beside its bytes. */
export const smallFiles: Scenario = {
  id: 'small-files',
  title: '200 files of 200 KiB, 6 at once',
  work: {
    files: 200,
    bytes: 200 * KIB,
    partSize: 9 * MIB,
    taskNum: 1,
    filesAtOnce: 6,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: everyone,
  minQuickShare: 0.5,
};
