/**
 * Timers and `performance.now()` of a page, a worker or a process, which a spec can move on: so no spec waits for what
 * only time brings, and none has a deadline that a slow machine misses. Imported before all that starts a timer.
 */
interface Timer {
  readonly run: () => void;
  readonly everyMs: number | null;
  due: number;
  handle: number;
}

type Start = (run: (...args: readonly unknown[]) => void, ms?: number, ...args: readonly unknown[]) => number;

const scope = globalThis as unknown as {
  setTimeout: Start;
  setInterval: Start;
  clearTimeout: (id?: number) => void;
  clearInterval: (id?: number) => void;
};
const realNow = performance.now.bind(performance);
const startReal = scope.setTimeout.bind(scope);
const clearReal = scope.clearTimeout.bind(scope);
const timers = new Map<number, Timer>();
let skippedMs = 0;
let lastId = 0;

const now = (): number => realNow() + skippedMs;

function start(run: () => void, ms: number, everyMs: number | null): number {
  const id = ++lastId;
  const timer = { run, everyMs, due: now() + ms, handle: 0 };
  timers.set(id, timer);
  arm(id, timer);
  return id;
}

function arm(id: number, timer: Timer): void {
  timer.handle = startReal(() => fire(id, timer), Math.max(0, timer.due - now()));
}

function fire(id: number, timer: Timer): void {
  if (timer.everyMs === null) timers.delete(id);
  else {
    timer.due = now() + timer.everyMs;
    arm(id, timer);
  }
  timer.run();
}

function clear(id = 0): void {
  const timer = timers.get(id);
  if (timer === undefined) return;
  timers.delete(id);
  clearReal(timer.handle);
}

performance.now = now;
scope.setTimeout = (run, ms = 0, ...args) => start(() => run(...args), ms, null);
scope.setInterval = (run, ms = 0, ...args) => start(() => run(...args), ms, Math.max(1, ms));
scope.clearTimeout = clear;
scope.clearInterval = clear;

/** Moves time on, from timer to timer, until something has come of it. */
export function skipTimeUntil(isOver: () => boolean): void {
  while (!isOver()) {
    const [next] = [...timers].sort(([, a], [, b]) => a.due - b.due);
    if (next === undefined) throw new Error('Nothing waits for time to pass.');
    const [id, timer] = next;
    clearReal(timer.handle);
    skippedMs += Math.max(0, timer.due - now());
    fire(id, timer);
  }
  // The others are due sooner than they were.
  for (const [id, timer] of timers) {
    clearReal(timer.handle);
    arm(id, timer);
  }
}
