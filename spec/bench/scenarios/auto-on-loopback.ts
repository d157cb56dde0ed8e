import { type Scenario } from '../scenario.js';
import { GIB, MIB } from '../work.js';

/** `taskNum: 'auto'` on an unlimited line, compared to fixed numbers. */
export const autoOnLoopback: Scenario = {
  id: 'auto-on-loopback',
  title: "1 GiB, 9 MiB parts, `taskNum: 'auto'` against fixed numbers",
  work: {
    files: 1,
    bytes: GIB,
    partSize: 9 * MIB,
    taskNum: 6,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: [
    { label: 'rx-obs-upload, 6', contestant: 'rx-obs-upload' },
    { label: 'rx-obs-upload, 1', contestant: 'rx-obs-upload', work: { taskNum: 1 } },
    { label: 'rx-obs-upload, 4', contestant: 'rx-obs-upload', work: { taskNum: 4 } },
    { label: 'rx-obs-upload, auto', contestant: 'rx-obs-upload', work: { taskNum: 'auto' } },
  ],
};
