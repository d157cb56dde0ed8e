/** Long enough for a steady speed, short enough to follow changes. */
const WINDOW_MS = 10_000;

/** Samples closer than this count as one: some browsers report progress thousands of times a second. */
const SPACING_MS = 50;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Bytes transferred by time, over the last seconds. */
export type SpeedWindow = readonly Sample[];

/** Adds a sample and drops those that are too old, except the last, which the speed is measured from. */
export function withSample(window: SpeedWindow, at: number, bytes: number): SpeedWindow {
  const firstInside = window.findIndex((sample) => at - sample.at <= WINDOW_MS);
  const recent = firstInside < 0 ? window.slice(-1) : window.slice(Math.max(0, firstInside - 1));
  const beforeLast = recent.at(-2);
  const isDense = beforeLast !== undefined && at - beforeLast.at < SPACING_MS;
  return [...(isDense ? recent.slice(0, -1) : recent), { at, bytes }];
}

/** null until some time has passed */
export function bytesPerSecond(window: SpeedWindow): number | null {
  const first = window[0];
  const last = window.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return null;
  return Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at));
}
