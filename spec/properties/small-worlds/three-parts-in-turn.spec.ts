import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Parts of a few bytes, so that a run costs nothing but itself.
jest.mock('../../../lib/model/limits.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/limits.js'),
  MIN_PART_SIZE: 1,
}));

it(
  'every fault, every pair of faults and every cancel of three parts in turn: the laws hold',
  () => expectLawsHold({ name: 'three parts in turn', size: 50, taskNum: 1, multipart: 'always' }),
  TIMEOUT_MS,
);
