import fc from 'fast-check';
import {
  defaultPartSize,
  fitPartSize,
  GIB,
  MAX_OBJECT_SIZE,
  MAX_PART_COUNT,
  MAX_PART_SIZE,
  MIB,
  partCountOf,
} from '../../../lib/model/checkpoint/parts.js';

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_110);

describe('defaultPartSize', () => {
  it.each([
    ['an empty file', 0, 9 * MIB, 1],
    ['one byte', 1, 9 * MIB, 1],
    ['1 GiB', GIB, 9 * MIB, 114],
    ['1,000 parts of 9 MiB', 9000 * MIB, 9 * MIB, 1000],
    ['one byte more', 9000 * MIB + 1, 10 * MIB, 901],
    ['100 GiB', 100 * GIB, 103 * MIB, 995],
    ['1,000 parts of 5 GiB', 5000 * GIB, 5 * GIB, 1000],
    ['5 TiB', 5 * 1024 * GIB, 5 * GIB, 1024],
    ['48.8 TiB', MAX_OBJECT_SIZE, 5 * GIB, 10_000],
  ])('%s', (_, size, partSize, partCount) => {
    expect(defaultPartSize(size)).toBe(partSize);
    expect(partCountOf(size, partSize)).toBe(partCount);
  });

  it('results in 100 to 1,000 parts where the limits of the part size allow it', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 20 * GIB }), fc.integer({ min: 0, max: MAX_OBJECT_SIZE }));
    fc.assert(
      fc.property(size, (bytes) => {
        const partSize = defaultPartSize(bytes);
        const parts = partCountOf(bytes, partSize);
        expect(partSize % MIB).toBe(0);
        expect(partSize).toBeGreaterThanOrEqual(9 * MIB);
        expect(partSize).toBeLessThanOrEqual(MAX_PART_SIZE);
        expect(parts).toBeLessThanOrEqual(MAX_PART_COUNT);
        if (bytes > 900 * MIB) expect(parts).toBeGreaterThan(100);
        if (bytes <= 5000 * GIB) expect(parts).toBeLessThanOrEqual(1000);
      }),
      { seed },
    );
  });
});

describe('fitPartSize', () => {
  it.each([
    [10_000 * MIB, MIB, MIB],
    [10_000 * MIB + 1, MIB, MIB + 1],
    [MAX_OBJECT_SIZE, MIB, 5 * GIB],
  ])('%i bytes in parts of %i: raises the size only as far as 10,000 parts require', (size, requested, partSize) => {
    expect(fitPartSize(size, requested)).toBe(partSize);
  });
});
