import { bareXhr, bareXhrAgain, rxObsUpload, rxObsUploadWorker, type Scenario } from '../scenario.js';
import { GIB, MIB } from '../work.js';

/** The entire upload off the main thread. */
export const worker: Scenario = {
  id: 'worker',
  title: '1 GiB, 9 MiB parts, 4 at once, in the page and in a worker',
  work: {
    files: 1,
    bytes: GIB,
    partSize: 9 * MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: [bareXhr, bareXhrAgain, rxObsUpload, rxObsUploadWorker],
};
