import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

it(
  'every fault, every pair of faults and every cancel of an upload of one part: the laws hold',
  () =>
    expectLawsHold(
      { name: 'an upload of one part', size: 10, taskNum: 1, multipart: 'always' },
      { faultsWithCancel: 1 },
    ),
  TIMEOUT_MS,
);
