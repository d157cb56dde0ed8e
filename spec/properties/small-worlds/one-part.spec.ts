import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

it(
  'the laws hold for every fault, every pair of faults and every cancel of an upload of one part',
  () =>
    expectLawsHold(
      { name: 'an upload of one part', size: 10, taskNum: 1, multipart: 'always' },
      { faultsWithCancel: 1 },
    ),
  TIMEOUT_MS,
);
