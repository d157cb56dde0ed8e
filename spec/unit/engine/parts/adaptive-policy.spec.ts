import fc from 'fast-check';
import type { Sample } from '../../../../lib/engine/parts/pace.js';
import { adjust, initialAdaptive, type AdaptiveConcurrency } from '../../../../lib/engine/parts/adaptive-policy.js';
import { KIB, MIB, travel, type Journey, type Line } from './line.js';

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_110);
/** bytes a millisecond */
const MBIT_PER_SECOND = 125;

const far: Line = { perConnection: 20 * MBIT_PER_SECOND, latencyMs: 50 };
const home: Line = { ...far, inAll: 50 * MBIT_PER_SECOND };

function widths({ curve }: Journey): number[] {
  return curve.map(([, width]) => width);
}

/** The least time, over fixed numbers at once, divided by the time that the policy takes. */
function shareOfBest(line: Line, parts: number, bound: number, fixed: readonly number[], partSize?: number): number {
  const best = Math.min(...fixed.map((width) => travel(line, parts, bound, { fixed: width, partSize }).ms));
  return best / travel(line, parts, bound, { partSize }).ms;
}

describe('the width that finds itself', () => {
  describe('widens while that pays', () => {
    it.each<[string, Line, readonly number[]]>([
      ['a connection of 20 Mbit/s', far, [4, 5, 6]],
      ['with 4 MiB of each part in buffers on the way', { ...far, buffer: 4 * MIB }, [4, 5, 6]],
      ['with parts that are all in buffers on the way', { ...far, buffer: 16 * MIB }, [4, 5, 6]],
      ['without reports of what has gone out', { ...far, reports: false }, [4, 5, 6]],
    ])('to the bound, before 11 parts of 9 MiB have arrived: %s', (_, line, expected) => {
      const journey = travel(line, 114, 6);
      expect(widths(journey)).toEqual(expected);
      expect(journey.curve.at(-1)?.[2]).toBeLessThanOrEqual(11);
      expect(shareOfBest(line, 114, 6, [4, 6])).toBeGreaterThan(0.94);
    });

    it('in less than a second where parts tell how they get on, so that small files have the good of it', () => {
      const { curve } = travel(far, 29, 6);
      expect(curve).toEqual([
        [0, 4, 0],
        [390, 5, 0],
        [790, 6, 0],
      ]);
      expect(shareOfBest(far, 29, 6, [4, 6])).toBeGreaterThan(0.97);
    });

    it('where the way to the store, not the line, takes the time', () => {
      expect(travel(far, 300, 6, { partSize: 100 * KIB }).lastWidth).toBe(6);
      expect(shareOfBest(far, 300, 6, [4, 6], 100 * KIB)).toBeGreaterThan(0.94);
    });

    it.each(
      [256 * KIB, MIB, 2 * MIB, 3 * MIB].flatMap((partSize) =>
        [0, 256 * KIB, 512 * KIB, 3 * MIB].map((buffer) => [partSize / KIB, buffer / KIB] as const),
      ),
    )('for 64 parts of %i KiB with %i KiB of each in buffers on the way', (partKib, bufferKib) => {
      const journey = travel({ ...far, buffer: bufferKib * KIB }, 64, 6, { partSize: partKib * KIB });
      expect(journey.lastWidth).toBe(6);
      expect(shareOfBest({ ...far, buffer: bufferKib * KIB }, 64, 6, [6], partKib * KIB)).toBeGreaterThan(0.9);
    });

    it.each([400, 500, 600, 700])(
      'though a hiccup of the line 300 ms long, at %i ms, seems to say otherwise',
      (begin) => {
        const hiccup = (at: number): boolean => at >= begin && at < begin + 300;
        const { curve } = travel({ ...far, inAll: 120 * MBIT_PER_SECOND, crowded: hiccup }, 64, 6, { partSize: MIB });
        expect(curve.at(-1)?.[1]).toBe(6);
        expect(curve.at(-1)?.[0]).toBeLessThan(3000);
      },
    );

    it('beyond six where the pool allows it and connections are shared, doubling each time', () => {
      const journey = travel(far, 114, 24);
      expect(widths(journey)).toEqual([4, 5, 6, 7, 14, 24]);
      expect(journey.curve.at(-1)?.[2]).toBeLessThanOrEqual(7);
      expect(shareOfBest(far, 114, 24, [6, 24])).toBeGreaterThan(0.9);
    });

    it.each([50, 200])('in time for 128 parts of 1 MiB, %i ms away', (latencyMs) => {
      const line: Line = { perConnection: 20 * MBIT_PER_SECOND, latencyMs };
      expect(shareOfBest(line, 128, 24, [6, 12, 24], MIB)).toBeGreaterThan(0.65);
    });
  });

  describe('stays where more would bring nothing', () => {
    it.each<[string, Line, number, number]>([
      ['a line that four parts fill: four, and a look at five now and then', home, 6, 5],
      ['a browser that lets the seventh request wait', { ...far, connections: 6 }, 16, 7],
    ])('%s', (_, line, bound, widest) => {
      const journey = travel(line, 114, bound);
      expect(Math.max(...widths(journey))).toBe(widest);
      expect(Math.min(...widths(journey).slice(-2))).toBe(widest - 1);
      expect(shareOfBest(line, 114, bound, [widest - 1, bound])).toBeGreaterThan(0.94);
    });

    it('a line that ten parts fill: back after doubling, then one by one', () => {
      const line: Line = { ...far, inAll: 200 * MBIT_PER_SECOND };
      const journey = travel(line, 114, 16);
      expect(widths(journey).slice(0, 6)).toEqual([4, 5, 6, 7, 14, 7]);
      expect(Math.max(...widths(journey).slice(6))).toBe(11);
      expect(widths(journey).slice(-2)).toContain(10);
      expect(shareOfBest(line, 114, 16, [10, 16])).toBeGreaterThan(0.94);
    });

    it('and costs nothing there: this machine itself, where one part fills the line', () => {
      const loopback: Line = { perConnection: 1_000_000, inAll: 1_000_000 };
      expect(shareOfBest(loopback, 114, 6, [1, 4, 6])).toBeGreaterThan(0.98);
    });

    it('until there is room again', () => {
      const crowded = travel({ ...far, inAll: 250 * MBIT_PER_SECOND, crowded: (at) => at < 20_000 }, 114, 6);
      expect(crowded.curve.filter(([at]) => at < 20_000).map(([, width]) => width)).not.toContain(6);
      expect(crowded.lastWidth).toBe(6);
    });
  });

  describe('narrows', () => {
    it('by half for a burst of refusals that ask for less, and leaves the service alone for a while', () => {
      const line: Line = { ...far, fault: (at) => (at > 20_000 && at < 25_000 ? 'throttled' : null) };
      const { curve, lastWidth } = travel(line, 150, 6);
      const first = curve.findIndex(([at]) => at > 20_000);
      expect(curve.slice(first - 1, first + 2).map(([, width]) => width)).toEqual([6, 3, 4]);
      expect((curve[first + 1]?.[0] ?? 0) - (curve[first]?.[0] ?? 0)).toBeGreaterThanOrEqual(15_000);
      expect(lastWidth).toBe(6);
    });

    it('by one for a failure, and soon widens again', () => {
      const line: Line = { ...far, fault: (_, part, attempt) => (part % 20 === 7 && attempt === 1 ? 'failed' : null) };
      expect(shareOfBest(line, 100, 6, [6])).toBeGreaterThan(0.94);
      expect(Math.min(...widths(travel(line, 100, 6)).slice(3))).toBe(5);
    });

    it('never below one', () => {
      const failing = (type: 'failed' | 'throttled'): AdaptiveConcurrency =>
        Array.from({ length: 20 }, (_, i): Sample => ({ type, partNumber: 1, at: i * 1000 })).reduce(
          adjust,
          initialAdaptive(6, 0),
        );
      expect(failing('failed').concurrency).toBe(1);
      expect(failing('throttled').concurrency).toBe(1);
    });
  });

  it.each([1, 2, 3])('begins no wider than its bound: %i', (bound) => {
    expect(initialAdaptive(bound, 0).concurrency).toBe(bound);
    expect(widths(travel(far, 30, bound))).toEqual([bound]);
  });

  it('stays as it is where no time passes', () => {
    const samples = Array.from({ length: 50 }, (_, i): Sample[] => [
      { type: 'started', partNumber: i, at: 0 },
      { type: 'sent', partNumber: i, bytes: 10, at: 0 },
      { type: 'acknowledged', partNumber: i, bytes: 10, at: 0 },
    ]).flat();
    expect(samples.reduce(adjust, initialAdaptive(6, 0)).concurrency).toBe(4);
  });

  it('keeps within its bound, and remembers no more than what is in flight, whatever happens', () => {
    const sample = fc.record({
      type: fc.constantFrom<Sample['type'][]>('started', 'sent', 'acknowledged', 'failed', 'throttled'),
      partNumber: fc.integer({ min: 1, max: 8 }),
      bytes: fc.integer({ min: 0, max: 1e10 }),
      afterMs: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 100_000 })),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(sample, { maxLength: 300 }), (bound, samples) => {
        let state = initialAdaptive(bound, 0);
        let at = 0;
        for (const { afterMs, ...rest } of samples) {
          at += afterMs;
          const next = adjust(state, { ...rest, at });
          expect(Number.isSafeInteger(next.concurrency)).toBe(true);
          expect(next.concurrency).toBeGreaterThanOrEqual(1);
          expect(next.concurrency).toBeLessThanOrEqual(Math.min(bound, 2 * state.concurrency));
          expect(next.pace.inFlight.size).toBeLessThanOrEqual(8);
          state = next;
        }
      }),
      { numRuns: 300, seed },
    );
  });
});
