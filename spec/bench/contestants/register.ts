import type { BenchPage, PageReport, Work } from '../work.js';

export type Upload = (files: readonly File[], work: Work, endpoint: string) => Promise<void>;

/** Unique for each upload: the browser has the preflight of a URL that was requested before in its cache. */
export let runId: string = crypto.randomUUID();

/** Makes a contestant available to the runner. */
export function register(upload: Upload): void {
  const bench: BenchPage = {
    // A few parts, so that code is compiled and connections are open before the measurement starts.
    async warmUp(work, endpoint) {
      const bytes = Math.min(work.bytes, 4 * work.partSize);
      const files = chosenFiles(1).map((file) => new File([file.slice(0, bytes)], 'warm-up.bin'));
      await upload(files, work, endpoint);
    },
    async run(work, endpoint) {
      runId = crypto.randomUUID();
      const stop = work.page === 'busy' ? keepBusy() : () => undefined;
      try {
        return await measure(() => upload(chosenFiles(work.files), work, endpoint));
      } finally {
        stop();
      }
    },
  };
  Object.assign(globalThis, { bench });
}

function chosenFiles(count: number): readonly File[] {
  const files = [...(document.querySelector('input')?.files ?? [])];
  if (files.length < count) throw new Error(`The page has ${files.length} files, not ${count}.`);
  return files.slice(0, count);
}

/** Blocks the main thread as an application that renders: every event of an upload is delayed. */
function keepBusy(): () => void {
  const work = (): void => {
    const until = performance.now() + 80;
    while (performance.now() < until);
  };
  const timer = setInterval(work, 100);
  return () => clearInterval(timer);
}

async function measure(work: () => Promise<void>): Promise<PageReport> {
  const longTasksMs: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration);
  });
  observer.observe({ type: 'longtask' });
  const began = performance.now();
  const beganAt = performance.timeOrigin + began;
  await work();
  const seconds = (performance.now() - began) / 1000;
  // The last task is reported in a later task.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  return { seconds, beganAt, longTasksMs };
}
