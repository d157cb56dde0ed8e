import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Parts of a few bytes, so that a run costs nothing but itself.
jest.mock('../../../lib/model/limits.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/limits.js'),
  MIN_PART_SIZE: 1,
}));

it(
  'every fault, every pair of faults and every cancel of one PUT: the laws hold',
  () => expectLawsHold({ name: 'one PUT', size: 10, taskNum: 1, multipart: 'auto' }, { faultsWithCancel: 1 }),
  TIMEOUT_MS,
);
