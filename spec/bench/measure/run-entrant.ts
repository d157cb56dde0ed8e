import type { Browser } from '../chromium/launch.js';
import { openPage, type CpuProfile, type Page } from '../chromium/page.js';
import type { Gates } from '../gates/gates.js';
import type { Line } from '../line.js';
import type { NullServer } from '../null-server/start.js';
import type { Contestant } from '../scenario.js';
import type { PageReport, Work } from '../work.js';
import type { ProcessTree } from './processes.js';

/** The measurements of one run. */
export interface Run {
  readonly seconds: number;
  /** From the start of the upload until the first bytes of a file arrive. */
  readonly firstByteMs: number;
  /** CPU time of all processes of the browser. */
  readonly cpuSeconds: number;
  readonly mainThreadSeconds: number;
  readonly longTasksMs: readonly number[];
  readonly rendererPeakBytes: number;
  readonly requests: number;
  readonly preflights: number;
  /** File bytes sent for each byte of the files. */
  readonly bytesPerByte: number;
}

/** Why a contestant did not complete. */
export interface Failure {
  readonly failure: string;
  readonly seconds: number;
}

export interface Bench {
  readonly browser: Browser;
  readonly processes: ProcessTree;
  readonly server: NullServer;
  readonly gates: Gates;
  readonly sameOrigin: boolean;
}

export interface Job {
  readonly contestant: Contestant;
  readonly hint: boolean;
  readonly work: Work;
  readonly line: Line;
  readonly isCold: boolean;
  readonly paths: readonly string[];
  readonly limitSeconds: number;
  readonly onProfile: ((profile: CpuProfile) => void) | null;
}

/** Measures one upload in a new page, after a small one as a warm-up unless it has to be cold. */
export async function runEntrant(bench: Bench, job: Job): Promise<Run | Failure> {
  const { browser, server, sameOrigin } = bench;
  const direct = `http://127.0.0.1:${server.port}`;
  // A store always has another origin than the page.
  const origin = sameOrigin ? direct : `http://localhost:${server.port}`;
  const endpoint = (await bench.gates.urlOf(job.line)) ?? direct;
  await server.begin({ ...job.line, faultEvery: null, silentBody: null });
  const page = await openPage(browser, `${origin}/pages/${job.contestant}${job.hint ? '?hint' : ''}`);
  const began = performance.now();
  try {
    await page.chooseFiles(job.paths);
    if (!job.isCold) await page.evaluate(callOf('warmUp', job.work, endpoint));
    if (job.work.page === 'background') await page.cover();
    await server.begin(job.line);
    return await measure(bench, page, job, endpoint);
  } catch (error) {
    return { failure: reasonOf(error), seconds: (performance.now() - began) / 1000 };
  } finally {
    await page.close();
  }
}

async function measure({ processes, server }: Bench, page: Page, job: Job, endpoint: string): Promise<Run | Failure> {
  const { work, limitSeconds, onProfile } = job;
  processes.resetPeaks();
  const stopProfile = onProfile && (await page.profile());
  const busyBefore = await page.mainThreadSeconds();
  const usedCpu = processes.countCpu();
  const report = (await withTimeout(limitSeconds, page.evaluate(callOf('run', work, endpoint)))) as PageReport | null;
  const cpuSeconds = usedCpu();
  if (report === null) return { failure: `did not end in ${limitSeconds} s`, seconds: limitSeconds };
  const mainThreadSeconds = (await page.mainThreadSeconds()) - busyBefore;
  if (stopProfile) onProfile(await stopProfile());
  const { requests, preflights, bodyBytes, firstBodyAt } = await server.traffic();
  const { seconds, beganAt, longTasksMs } = report;
  return {
    seconds,
    longTasksMs,
    firstByteMs: (firstBodyAt ?? Number.NaN) - beganAt,
    cpuSeconds,
    mainThreadSeconds,
    rendererPeakBytes: processes.rendererPeakBytes(),
    requests,
    preflights,
    bytesPerByte: bodyBytes / (work.files * work.bytes),
  };
}

function callOf(name: 'warmUp' | 'run', work: Work, endpoint: string): string {
  return `bench.${name}(${JSON.stringify(work)}, ${JSON.stringify(endpoint)})`;
}

/** null: not in time */
async function withTimeout<T>(seconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), seconds * 1000)));
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).slice(0, 120);
}
