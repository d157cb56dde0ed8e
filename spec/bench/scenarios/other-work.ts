import { bareXhr, officialSdk, rxObsUpload, rxObsUploadWorker, type Entrant, type Scenario } from '../scenario.js';
import { MIB, type Work } from '../work.js';

const WORK: Work = {
  files: 1,
  bytes: 256 * MIB,
  partSize: MIB,
  taskNum: 4,
  filesAtOnce: 1,
  checksum: 'none',
  stallTimeoutMs: null,
};

const programs: readonly (readonly [id: string, entrant: Entrant])[] = [
  ['loop', bareXhr],
  ['page', rxObsUpload],
  ['worker', rxObsUploadWorker],
  ['sdk', officialSdk],
];

/** Each program compared to itself in a page that does nothing else. */
export const busyPage: readonly Scenario[] = programs.map(([id, entrant]) => ({
  id: `busy-${id}`,
  title: `256 MiB, 1 MiB parts, 4 at once, in a page that works 80 of every 100 ms: ${entrant.label}`,
  work: WORK,
  entrants: [
    { ...entrant, label: `${entrant.label}, page idle` },
    { ...entrant, label: `${entrant.label}, page busy`, work: { page: 'busy' } },
  ],
  maxRounds: 5,
  minQuickShare: 0.25,
}));

/** All programs in a tab in the background, with its throttled timers. */
export const background: Scenario = {
  id: 'background',
  title: '256 MiB, 1 MiB parts, 4 at once, in a tab in the background',
  work: { ...WORK, page: 'background' },
  entrants: programs.map(([, entrant]) => entrant),
  maxRounds: 5,
  minQuickShare: 0.25,
};
