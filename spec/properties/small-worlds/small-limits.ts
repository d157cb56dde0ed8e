/** Allows parts of a few bytes, so that runs are cheap. */
jest.mock('../../../lib/model/checkpoint/parts.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/checkpoint/parts.js'),
  MIN_PART_SIZE: 1,
}));
