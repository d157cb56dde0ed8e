import { bareXhr, officialSdk, rxObsUpload, type Scenario } from '../scenario.js';
import { MIB } from '../work.js';

/** Every byte is hashed on its way; the ceiling hashes nothing. */
export const checksum: Scenario = {
  id: 'checksum',
  title: '256 MiB with an MD5 a part, 8 MiB parts, 4 at once',
  work: {
    files: 1,
    bytes: 256 * MIB,
    partSize: 8 * MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'md5',
    stallTimeoutMs: null,
  },
  entrants: [bareXhr, rxObsUpload, officialSdk],
  maxRounds: 5,
  minQuickShare: 0.25,
};
