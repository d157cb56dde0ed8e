import type { Entrant, Scenario } from '../scenario.js';
import { MIB, type Work } from '../work.js';

function entrant(label: string, contestant: Entrant['contestant'], checksum: Work['checksum']): Entrant {
  return { label, contestant, work: { checksum } };
}

/** The speed of the checksums themselves; nothing is sent. */
export const hashing: Scenario = {
  id: 'hashing',
  title: 'checksums of 256 MiB alone, 8 MiB parts, one after another',
  work: {
    files: 1,
    bytes: 256 * MIB,
    partSize: 8 * MIB,
    taskNum: 1,
    filesAtOnce: 1,
    checksum: 'md5',
    stallTimeoutMs: null,
  },
  entrants: [
    entrant('MD5, worker', 'hash-in-worker', 'md5'),
    entrant('CRC-64, worker', 'hash-in-worker', 'crc64'),
    entrant('MD5, main thread', 'hash-in-page', 'md5'),
    entrant('CRC-64, main thread', 'hash-in-page', 'crc64'),
  ],
  maxRounds: 5,
  minQuickShare: 0.25,
};
