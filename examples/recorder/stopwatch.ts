/** Measures the seconds for which it runs. */
export interface Stopwatch {
  readonly seconds: number;
  start(): void;
  stop(): void;
}

export function stopwatch(now: () => number = () => performance.now()): Stopwatch {
  let elapsedMs = 0;
  let startedAt: number | null = null;
  const runningMs = (): number => (startedAt === null ? 0 : now() - startedAt);
  return {
    get seconds() {
      return (elapsedMs + runningMs()) / 1000;
    },
    start() {
      startedAt ??= now();
    },
    stop() {
      elapsedMs += runningMs();
      startedAt = null;
    },
  };
}
