import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds on the clock. */
  readonly ts: number;
  readonly dur?: number;
  /** CPU time of the thread in microseconds. */
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly chrome_mojo_event_info?: { readonly mojo_interface_tag?: string };
    readonly data?: { readonly frames?: readonly { readonly processId: number; readonly url: string }[] };
  };
}

export const LONG_TASK_MS = 50;
const MAX_ATTEMPTS = 3;

/**
 * The long tasks of an action that is repeated while it has any, a few times at most: delays by the machine (an
 * interrupt, garbage collection for another page) occur now and then, while a task that is long by itself always is.
 */
export async function longTasks(trace: () => Promise<readonly number[]>): Promise<readonly number[]> {
  for (let attempt = 1; ; attempt++) {
    const long = (await trace()).filter((ms) => ms > LONG_TASK_MS);
    if (long.length === 0 || attempt === MAX_ATTEMPTS) return long;
  }
}

/**
 * The tasks of the page's main thread during an action, from Chromium's trace: the CPU time of each in milliseconds,
 * whatever else the machine did meanwhile. Tasks caused by the browser driver are left out.
 */
export async function traceTasks(
  browser: Browser,
  page: Page,
  action: () => Promise<void>,
): Promise<readonly number[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await action();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const main = mainThreadOf(trace.traceEvents, page.url());
  const events = trace.traceEvents.filter(({ tid }) => tid === main);
  const driverEvents = events.filter(
    ({ args }) => args.chrome_mojo_event_info?.mojo_interface_tag === 'blink.mojom.DevToolsSession',
  );
  const tasks = events
    .filter(({ name }) => name === 'ThreadControllerImpl::RunTask')
    .filter(({ ts, dur = 0 }) => !driverEvents.some((each) => each.ts >= ts && each.ts <= ts + dur))
    .map(({ tdur = 0 }) => tdur / 1000);
  if (!tasks.some((milliseconds) => milliseconds > 0)) throw new Error('The trace shows no work of the main thread.');
  return tasks;
}

function mainThreadOf(events: readonly TraceEvent[], pageUrl: string): number {
  const pid = events
    .filter(({ name }) => name === 'TracingStartedInBrowser')
    .flatMap(({ args }) => args.data?.frames ?? [])
    .find(({ url }) => url === pageUrl)?.processId;
  const main = events.find(
    (event) => event.pid === pid && event.name === 'thread_name' && event.args.name === 'CrRendererMain',
  );
  if (main === undefined) throw new Error('The trace does not tell the main thread of the page.');
  return main.tid;
}
