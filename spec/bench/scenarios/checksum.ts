import { bareXhr, officialSdk, rxObsUpload, type Entrant, type Scenario } from '../scenario.js';
import { MIB } from '../work.js';

const withCrc64: Entrant = {
  label: 'rx-obs-upload, CRC-64',
  contestant: 'rx-obs-upload',
  work: { checksum: 'crc64' },
};

/** Every byte is hashed before it is sent; the upper bound hashes nothing. */
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
  entrants: [bareXhr, rxObsUpload, withCrc64, officialSdk],
  maxRounds: 5,
  minQuickShare: 0.25,
};
