/** Allows parts of a few bytes, so that runs are cheap. */
jest.mock('../../../lib/model/limits.js', () => ({
  ...jest.requireActual<object>('../../../lib/model/limits.js'),
  MIN_PART_SIZE: 1,
}));
