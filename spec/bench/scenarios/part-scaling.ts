import { type Scenario } from '../scenario.js';
import { KIB } from '../work.js';

const PART = 100 * KIB;

/** Ten times the parts should cost ten times as much, not a hundred times. */
export const partScaling: Scenario = {
  id: 'part-scaling',
  title: '1,000 and 10,000 parts of 100 KiB, 4 at once',
  work: {
    files: 1,
    bytes: 1000 * PART,
    partSize: PART,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: [
    { label: 'rx-obs-upload, 1,000', contestant: 'rx-obs-upload' },
    { label: 'rx-obs-upload, 10,000', contestant: 'rx-obs-upload', work: { bytes: 10_000 * PART } },
    { label: 'bare XHR, 1,000', contestant: 'bare-xhr' },
    { label: 'bare XHR, 10,000', contestant: 'bare-xhr', work: { bytes: 10_000 * PART } },
  ],
};
