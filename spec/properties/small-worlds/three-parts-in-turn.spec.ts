import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Pairs of faults are tried with two parts at once, where more can happen.
it(
  'every fault of three parts in turn, with every cancel: the laws hold',
  () =>
    expectLawsHold(
      { name: 'three parts in turn', size: 50, taskNum: 1, multipart: 'always' },
      { faults: 1, faultsWithCancel: 1 },
    ),
  TIMEOUT_MS,
);
