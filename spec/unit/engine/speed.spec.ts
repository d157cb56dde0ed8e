import { bytesPerSecond, withSample, type SpeedWindow } from '../../../lib/engine/speed.js';

/** The window after reports at that interval for that duration, at 2,000 bytes per second. */
function windowOf(intervalMs: number, durationMs: number): SpeedWindow {
  let window: SpeedWindow = [];
  for (let at = 0; at <= durationMs; at += intervalMs) window = withSample(window, at, at * 2);
  return window;
}

describe('the window of the speed measurement', () => {
  it.each([1, 10, 50, 100, 3000])('gives the same speed from reports every %i ms', (intervalMs) => {
    expect(bytesPerSecond(windowOf(intervalMs, 30_000))).toBe(2000);
  });

  it('has about as many samples with a thousand reports per second as with twenty', () => {
    expect(windowOf(1, 30_000).length).toBeLessThan(windowOf(50, 30_000).length * 1.1);
  });

  it('has no speed before some time has passed', () => {
    expect(bytesPerSecond(windowOf(1, 0))).toBeNull();
    expect(bytesPerSecond(windowOf(1, 1))).toBe(2000);
  });
});
