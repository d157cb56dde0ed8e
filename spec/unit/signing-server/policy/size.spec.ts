import { requirePartSizes, requireSize } from '../../../../lib/signing-server/policy/size.js';
import { refusal } from '../support.js';

const limits = { maxPartBytes: 100, maxObjectBytes: 250, maxPutBytes: 50 };

describe('the size', () => {
  it.each([
    ['part', 100, null],
    ['part', 0, null],
    ['part', 101, 403],
    ['part', null, 400],
    ['part', -1, 400],
    ['part', 1.5, 400],
    ['put', 50, null],
    ['put', 51, 403],
    ['put', null, 400],
    ['initiate', null, null],
    ['complete', 1000, null],
  ] as const)('of a %s of %p bytes: %p', (call, size, status) => {
    expect(refusal(() => requireSize(size, call, limits))).toBe(status);
  });

  it.each([0, 1])('of a single PUT may be limited to 0, which refuses every PUT, as one of %p bytes', (size) => {
    expect(refusal(() => requireSize(size, 'put', { ...limits, maxPutBytes: 0 }))).toBe(403);
  });

  it.each([
    [[], null],
    [[100, 100, 50], null],
    [[100, 100, 51], 403],
    [[101], 403],
  ])('of the parts %j on the server: %p', (sizes, status) => {
    expect(refusal(() => requirePartSizes(sizes, limits))).toBe(status);
  });
});
