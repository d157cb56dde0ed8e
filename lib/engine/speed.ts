/** Old enough to be steady, young enough to follow the line. */
const WINDOW_MS = 10_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** What was transferred when, over the last seconds. */
export type SpeedWindow = readonly Sample[];

/** Adds a sample and lets go of those that are too old, but for one to measure from. */
export function withSample(window: SpeedWindow, at: number, bytes: number): SpeedWindow {
  const firstInside = window.findIndex((sample) => at - sample.at <= WINDOW_MS);
  const kept = firstInside < 0 ? window.slice(-1) : window.slice(Math.max(0, firstInside - 1));
  return [...kept, { at, bytes }];
}

/** null until some time has passed */
export function bytesPerSecond(window: SpeedWindow): number | null {
  const first = window[0];
  const last = window.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return null;
  return Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at));
}
