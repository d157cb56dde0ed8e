import { rxObsUpload, type Scenario } from '../scenario.js';
import { MIB } from '../work.js';

/** High latency, so that several connections are faster than one; only the baselines have a fixed number. */
export const longWay: Scenario = {
  id: 'long-way',
  title: '64 MiB, 1 MiB parts, 50 ms latency, 20 Mbit/s a connection',
  work: {
    files: 1,
    bytes: 64 * MIB,
    partSize: MIB,
    taskNum: null,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  line: { latencyMs: 50, bytesPerSecond: 20_000_000 / 8 },
  entrants: [
    { label: 'rx-obs-upload, 6', contestant: 'rx-obs-upload', work: { taskNum: 6 } },
    { label: 'bare XHR, 6', contestant: 'bare-xhr', work: { taskNum: 6 } },
    { label: 'rx-obs-upload, auto', contestant: 'rx-obs-upload', work: { taskNum: 'auto' } },
    rxObsUpload,
    { label: 'esdk-obs-browserjs', contestant: 'official-sdk' },
  ],
  maxRounds: 3,
  minQuickShare: 1,
};
