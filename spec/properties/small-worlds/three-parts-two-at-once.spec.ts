import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

// Parts of a few bytes, so that a run costs nothing but itself.
jest.mock('../../../lib/model/limits.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/limits.js'),
  MIN_PART_SIZE: 1,
}));

it(
  'every fault, every pair of faults and every cancel of three parts, two at once: the laws hold',
  () => expectLawsHold({ name: 'three parts, two at once', size: 50, taskNum: 2, multipart: 'always' }),
  TIMEOUT_MS,
);
