import { officialSdk, rxObsUpload, tus, type Scenario } from '../scenario.js';
import { MIB } from '../work.js';

/**
 * One part is received and gets no response. Contestants with a timeout have it set to 3 s, to avoid long waits; this
 * library waits 64 s more, since a proxy may have taken the part and forward it at 16 KiB/s.
 */
export const silence: Scenario = {
  id: 'silence',
  title: 'One part silent forever, stall timeout 3 s',
  work: {
    files: 1,
    bytes: 64 * MIB,
    partSize: MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: 3000,
  },
  line: { silentBody: 10 },
  entrants: [rxObsUpload, officialSdk, tus],
  limitSeconds: 90,
  maxRounds: 2,
  minQuickShare: 1,
};
