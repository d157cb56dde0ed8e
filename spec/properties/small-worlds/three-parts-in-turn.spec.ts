import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Parts of a few bytes, so that a run costs nothing but itself.
jest.mock('../../../lib/model/limits.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/limits.js'),
  MIN_PART_SIZE: 1,
}));

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
