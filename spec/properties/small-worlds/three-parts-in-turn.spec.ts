import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Pairs of faults are tried with two parts at once, where more can happen.
it(
  'the laws hold for every fault and every cancel of three parts, one at a time',
  () =>
    expectLawsHold(
      { name: 'three parts in turn', size: 50, taskNum: 1, multipart: 'always' },
      { faults: 1, faultsWithCancel: 1 },
    ),
  TIMEOUT_MS,
);
