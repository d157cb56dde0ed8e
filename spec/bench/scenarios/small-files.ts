import { everyone, rxObsUploadWorker, type Scenario } from '../scenario.js';
import { KIB, MIB, type Work } from '../work.js';

const WORK: Work = {
  files: 200,
  bytes: 200 * KIB,
  partSize: 9 * MIB,
  taskNum: 1,
  filesAtOnce: 6,
  checksum: 'none',
  stallTimeoutMs: null,
};

/** The overhead of a file. */
export const smallFiles: readonly Scenario[] = [
  {
    id: 'small-files',
    title: '200 files of 200 KiB, 6 at once',
    work: WORK,
    entrants: everyone,
    minQuickShare: 0.5,
  },
  {
    id: 'tiny-files',
    title: '1,000 files of 20 kB, 6 at once',
    work: { ...WORK, files: 1000, bytes: 20_000 },
    entrants: [...everyone, rxObsUploadWorker],
    minQuickShare: 0.5,
  },
];
