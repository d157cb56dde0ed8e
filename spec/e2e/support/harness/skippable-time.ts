/**
 * Timers and `performance.now()` whose time a spec can advance, so that no spec waits for time to pass or has a
 * deadline that a slow machine misses. They replace the platform's only in code that is bundled with this file
 * (esbuild's `inject`): timeouts of the platform itself stay as they are.
 */
interface Timer {
  readonly run: () => void;
  readonly everyMs: number | null;
  due: number;
  handle: unknown;
}

type Run = (...args: readonly unknown[]) => void;

const { setTimeout: startReal, clearTimeout: clearReal } = globalThis as unknown as {
  readonly setTimeout: (run: () => void, ms: number) => unknown;
  readonly clearTimeout: (handle: unknown) => void;
};
const clock = globalThis.performance;
const timers = new Map<number, Timer>();
let skippedMs = 0;
let lastId = 0;

export const performance: Pick<Performance, 'now'> = { now: () => clock.now() + skippedMs };

export function setTimeout(run: Run, ms = 0, ...args: readonly unknown[]): number {
  return start(() => run(...args), ms, null);
}

export function setInterval(run: Run, ms = 0, ...args: readonly unknown[]): number {
  return start(() => run(...args), ms, Math.max(1, ms));
}

export function clearTimeout(id = 0): void {
  const timer = timers.get(id);
  if (timer === undefined) return;
  timers.delete(id);
  clearReal(timer.handle);
}

export const clearInterval: (id?: number) => void = clearTimeout;

function start(run: () => void, ms: number, everyMs: number | null): number {
  const id = ++lastId;
  const timer: Timer = { run, everyMs, due: performance.now() + ms, handle: null };
  timers.set(id, timer);
  arm(id, timer);
  return id;
}

function arm(id: number, timer: Timer): void {
  timer.handle = startReal(() => fire(id, timer), Math.max(0, timer.due - performance.now()));
}

function fire(id: number, timer: Timer): void {
  if (timer.everyMs === null) timers.delete(id);
  else {
    timer.due = performance.now() + timer.everyMs;
    arm(id, timer);
  }
  timer.run();
}

/** Longer than any stall timeout. */
const LONGEST_MS = 3 * 3_600_000;

/** Advances time, from timer to timer, until `isOver` returns true or no timer is left. */
export function skipTimeUntil(isOver: () => boolean): void {
  fireUntil(performance.now() + LONGEST_MS, isOver);
  armAll();
}

/** Advances time by that much, from timer to timer. */
export function skipTime(ms: number): void {
  const end = performance.now() + ms;
  fireUntil(end, () => false);
  skippedMs += Math.max(0, end - performance.now());
  armAll();
}

function fireUntil(end: number, isOver: () => boolean): void {
  while (!isOver()) {
    const [next] = [...timers].sort(([, a], [, b]) => a.due - b.due);
    if (next === undefined || next[1].due > end) break;
    const [id, timer] = next;
    clearReal(timer.handle);
    skippedMs += Math.max(0, timer.due - performance.now());
    fire(id, timer);
  }
}

/** Rearms the remaining timers, which are due sooner now. */
function armAll(): void {
  for (const [id, timer] of timers) {
    clearReal(timer.handle);
    arm(id, timer);
  }
}
