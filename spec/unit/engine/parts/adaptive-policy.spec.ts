import fc from 'fast-check';
import type { Sample } from '../../../../lib/engine/parts/pace.js';
import { adjust, initialAdaptive, type AdaptiveConcurrency } from '../../../../lib/engine/parts/adaptive.js';
import { KIB, MIB, simulate, type Simulation, type Line } from './line.js';

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_110);
/** bytes a millisecond */
const MBIT_PER_SECOND = 125;

const far: Line = { perConnection: 20 * MBIT_PER_SECOND, latencyMs: 50 };
const home: Line = { ...far, inAll: 50 * MBIT_PER_SECOND };

/** A preflight, then a window of bytes, then a round trip until the rest may follow. */
function http2(roundTripMs: number): Line {
  const window = { bytes: 64 * KIB, ms: roundTripMs };
  return { perConnection: 300 * MBIT_PER_SECOND, latencyMs: roundTripMs, preflightMs: roundTripMs, window };
}

function concurrencies({ curve }: Simulation): number[] {
  return curve.map(([, concurrency]) => concurrency);
}

/** The least time, over fixed numbers at once, divided by the time that the policy takes. */
function shareOfBest(line: Line, parts: number, bound: number, fixed: readonly number[], partSize?: number): number {
  const best = Math.min(
    ...fixed.map((concurrency) => simulate(line, parts, bound, { fixed: concurrency, partSize }).ms),
  );
  return best / simulate(line, parts, bound, { partSize }).ms;
}

describe("taskNum: 'auto'", () => {
  describe('grows while that pays off', () => {
    it.each<[string, Line]>([
      ['a connection of 20 Mbit/s', far],
      ['with 4 MiB of each part in buffers on the way', { ...far, buffer: 4 * MIB }],
      ['with parts that are all in buffers on the way', { ...far, buffer: 16 * MIB }],
      ['without progress reports', { ...far, reports: false }],
    ])('to the bound, before 5 parts of 9 MiB have arrived: %s', (_, line) => {
      const simulation = simulate(line, 114, 6);
      expect(concurrencies(simulation)).toEqual([4, 6]);
      expect(simulation.curve.at(-1)?.[2]).toBeLessThan(5);
      expect(shareOfBest(line, 114, 6, [4, 6])).toBeGreaterThan(0.94);
    });

    it('in half a second where parts report their progress, which small files need', () => {
      const { curve } = simulate(far, 29, 6);
      expect(curve).toEqual([
        [0, 4, 0],
        [440, 6, 0],
      ]);
      expect(shareOfBest(far, 29, 6, [4, 6])).toBeGreaterThan(0.97);
    });

    it('where latency, not bandwidth, takes the time', () => {
      expect(simulate(far, 300, 6, { partSize: 100 * KIB }).lastConcurrency).toBe(6);
      expect(shareOfBest(far, 300, 6, [4, 6], 100 * KIB)).toBeGreaterThan(0.94);
    });

    it.each(
      [256 * KIB, MIB, 2 * MIB, 3 * MIB].flatMap((partSize) =>
        [0, 256 * KIB, 512 * KIB, 3 * MIB].map((buffer) => [partSize / KIB, buffer / KIB] as const),
      ),
    )('for 64 parts of %i KiB with %i KiB of each in buffers on the way', (partKib, bufferKib) => {
      const simulation = simulate({ ...far, buffer: bufferKib * KIB }, 64, 6, { partSize: partKib * KIB });
      expect(simulation.lastConcurrency).toBe(6);
      expect(shareOfBest({ ...far, buffer: bufferKib * KIB }, 64, 6, [6], partKib * KIB)).toBeGreaterThan(0.9);
    });

    it.each([400, 500, 600, 700])('even though the line is slow for 300 ms, from %i ms on', (begin) => {
      const isSlow = (at: number): boolean => at >= begin && at < begin + 300;
      const { curve } = simulate({ ...far, inAll: 120 * MBIT_PER_SECOND, crowded: isSlow }, 64, 6, { partSize: MIB });
      expect(curve.at(-1)?.[1]).toBe(6);
      expect(curve.at(-1)?.[0]).toBeLessThan(3000);
    });

    it('beyond six where the pool allows it and connections are shared, doubling each time', () => {
      const simulation = simulate(far, 114, 24);
      expect(concurrencies(simulation)).toEqual([4, 6, 12, 24]);
      expect(simulation.curve.at(-1)?.[2]).toBe(0);
      expect(shareOfBest(far, 114, 24, [6, 24])).toBeGreaterThan(0.9);
    });

    it.each([50, 200])('in time for 128 parts of 1 MiB, %i ms away', (latencyMs) => {
      const line: Line = { perConnection: 20 * MBIT_PER_SECOND, latencyMs };
      expect(shareOfBest(line, 128, 24, [6, 12, 24], MIB)).toBeGreaterThan(0.7);
    });

    it.each(
      [50, 200].flatMap((roundTripMs) =>
        [MIB, 3 * MIB, 9 * MIB].map((partSize) => [roundTripMs, partSize / MIB] as const),
      ),
    )('over HTTP/2, where bytes move in bursts: %i ms there and back, parts of %i MiB', (roundTripMs, partMib) => {
      const simulation = simulate(http2(roundTripMs), 128, 24, { partSize: partMib * MIB });
      expect(concurrencies(simulation)).toEqual([4, 6, 12, 24]);
      expect(simulation.curve.at(-1)?.[2]).toBeLessThan(40);
    });

    it('over HTTP/2 to what the line carries, and costs little where fewer would do', () => {
      for (const inAll of [200, 400]) {
        const line = { ...http2(50), inAll: inAll * MBIT_PER_SECOND };
        for (const partSize of [MIB, 3 * MIB])
          expect(shareOfBest(line, 128, 24, [6, 12, 24], partSize)).toBeGreaterThan(0.7);
      }
    });
  });

  describe('does not grow where that is no faster', () => {
    it('a line that four parts fill: four, and five now and then', () => {
      const simulation = simulate(home, 114, 6);
      expect(concurrencies(simulation).slice(0, 5)).toEqual([4, 6, 4, 5, 4]);
      expect(Math.max(...concurrencies(simulation).slice(2))).toBe(5);
      expect(shareOfBest(home, 114, 6, [4, 6])).toBeGreaterThan(0.94);
    });

    it('a browser that queues the seventh request', () => {
      const line: Line = { ...far, connections: 6 };
      const simulation = simulate(line, 114, 24);
      expect(concurrencies(simulation).slice(0, 4)).toEqual([4, 6, 12, 6]);
      expect(Math.max(...concurrencies(simulation).slice(3))).toBeLessThan(12);
      expect(shareOfBest(line, 114, 24, [6, 24])).toBeGreaterThan(0.94);
    });

    it('a line that ten parts fill: back after doubling, then one by one', () => {
      const line: Line = { ...far, inAll: 200 * MBIT_PER_SECOND };
      const simulation = simulate(line, 114, 24);
      expect(concurrencies(simulation).slice(0, 7)).toEqual([4, 6, 12, 24, 12, 13, 12]);
      const later = concurrencies(simulation).slice(4);
      expect(later.slice(1).every((concurrency, i) => Math.abs(concurrency - (later[i] ?? 0)) === 1)).toBe(true);
      // Many parts, so that it hardly matters how many are left over for the end, when they no longer fill the line.
      expect(shareOfBest(line, 240, 24, [10, 24])).toBeGreaterThan(0.94);
    });

    it('the loopback of a machine, which one part fills', () => {
      const loopback: Line = { perConnection: 1_000_000, inAll: 1_000_000 };
      expect(shareOfBest(loopback, 114, 6, [1, 4, 6])).toBeGreaterThan(0.98);
    });

    it('until there is room again', () => {
      const crowded = simulate({ ...far, inAll: 250 * MBIT_PER_SECOND, crowded: (at) => at < 20_000 }, 114, 6);
      const whileCrowded = crowded.curve.filter(([at]) => at < 20_000).map(([, concurrency]) => concurrency);
      expect(whileCrowded.slice(0, 3)).toEqual([4, 6, 4]);
      expect(whileCrowded.slice(3)).not.toContain(6);
      expect(crowded.lastConcurrency).toBe(6);
    });
  });

  describe('shrinks', () => {
    it('by half once for a burst of throttling, and does not grow for a while', () => {
      const line: Line = { ...far, fault: (at) => (at > 20_000 && at < 25_000 ? 'throttled' : null) };
      const { curve, lastConcurrency } = simulate(line, 150, 6);
      const first = curve.findIndex(([at]) => at > 20_000);
      expect(curve.slice(first - 1, first + 2).map(([, concurrency]) => concurrency)).toEqual([6, 3, 4]);
      expect((curve[first + 1]?.[0] ?? 0) - (curve[first]?.[0] ?? 0)).toBeGreaterThanOrEqual(15_000);
      expect(lastConcurrency).toBe(6);
    });

    it('by one for a failure, and soon grows again', () => {
      const line: Line = { ...far, fault: (_, part, attempt) => (part % 20 === 7 && attempt === 1 ? 'failed' : null) };
      expect(shareOfBest(line, 100, 6, [6])).toBeGreaterThan(0.94);
      expect(Math.min(...concurrencies(simulate(line, 100, 6)).slice(3))).toBe(5);
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

  it.each([1, 2, 3])('begins within its bound: %i', (bound) => {
    expect(initialAdaptive(bound, 0).concurrency).toBe(bound);
    expect(concurrencies(simulate(far, 30, bound))).toEqual([bound]);
  });

  it('does not change while no time passes', () => {
    const samples = Array.from({ length: 50 }, (_, i): Sample[] => [
      { type: 'started', partNumber: i, at: 0 },
      { type: 'sent', partNumber: i, bytes: 10, at: 0 },
      { type: 'acknowledged', partNumber: i, bytes: 10, at: 0 },
    ]).flat();
    expect(samples.reduce(adjust, initialAdaptive(6, 0)).concurrency).toBe(4);
  });

  it('stays within its bound, and remembers only what is in flight, whatever happens', () => {
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
