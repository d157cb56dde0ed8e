import { bareXhr, officialSdk, rxObsUpload, tus, type Scenario } from '../scenario.js';
import { MIB } from '../work.js';

/** Every twentieth part fails, in turn with 500, 503 and a reset. */
export const faults: Scenario = {
  id: 'faults',
  title: '256 MiB, 1 MiB parts, 4 at once, 5 % faults (500, 503, reset)',
  work: {
    files: 1,
    bytes: 256 * MIB,
    partSize: MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  line: { faultEvery: 20 },
  entrants: [bareXhr, rxObsUpload, officialSdk, tus],
  limitSeconds: 120,
  maxRounds: 3,
  minQuickShare: 0.5,
};
