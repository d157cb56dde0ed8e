import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, type Browser } from './chromium/launch.js';
import type { CpuProfile } from './chromium/page.js';
import { makeFiles } from './files.js';
import { openGates } from './gates/gates.js';
import { PERFECT_LINE } from './line.js';
import { machine, type Machine } from './measure/machine.js';
import { processTree } from './measure/processes.js';
import { runEntrant, type Bench, type Failure, type Run } from './measure/run-entrant.js';
import { startNullServer } from './null-server/start.js';
import type { Entrant, Scenario } from './scenario.js';
import type { Work } from './work.js';

export interface BenchOptions {
  readonly chromium: string;
  /** Folder of the built pages. */
  readonly pages: string;
  /** The built null server. */
  readonly nullServer: string;
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** The fraction of each scenario's work that is done. */
  readonly share: number;
  readonly sameOrigin: boolean;
  /** The folder for a CPU profile of each run; null: none is taken. */
  readonly profiles: string | null;
  readonly onScenario: (result: ScenarioResult) => void;
  readonly say: (text: string) => void;
}

export interface BenchResult {
  readonly machine: Machine;
  readonly rounds: number;
  readonly share: number;
  readonly sameOrigin: boolean;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly id: string;
  readonly title: string;
  /** The fraction of the work in the title that was done. */
  readonly share: number;
  /** The runs by round; an entrant that has failed once is not run again. */
  readonly entrants: readonly { readonly label: string; readonly runs: readonly (Run | Failure)[] }[];
}

/** Runs the scenarios: in each round every entrant once, starting with a different entrant in each round. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { rounds, share, sameOrigin } = options;
  const server = await startNullServer(options.nullServer, options.pages);
  const gates = openGates(server.port);
  let product = 'unknown';
  try {
    const scenarios: ScenarioResult[] = [];
    for (const scenario of options.scenarios) {
      // A new browser for each scenario, with timers throttled if it wants them so.
      const browser = await launchBrowser(options.chromium, { isThrottled: scenario.work.page === 'background' });
      try {
        product = await productOf(browser);
        const bench = { browser, server, gates, processes: processTree(browser.pid), sameOrigin };
        const result = await runScenario(bench, scenario, options);
        options.onScenario(result);
        scenarios.push(result);
      } finally {
        await browser.close();
      }
    }
    return { machine: machine(product), rounds, share, sameOrigin, scenarios };
  } finally {
    await gates.close();
    server.close();
  }
}

async function productOf({ cdp }: Browser): Promise<string> {
  const { product } = await cdp.send('Browser.getVersion');
  return String(product);
}

async function runScenario(bench: Bench, scenario: Scenario, options: BenchOptions): Promise<ScenarioResult> {
  const { id, title, entrants, maxRounds = Infinity, limitSeconds = 300, isCold = false } = scenario;
  const share = options.share < 1 ? Math.max(options.share, scenario.minQuickShare ?? 0) : 1;
  const rounds = Math.min(options.rounds, maxRounds);
  const runs = new Map<Entrant, (Run | Failure)[]>(entrants.map((entrant) => [entrant, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < entrants.length; turn++) {
      const entrant = entrants[(round + turn) % entrants.length];
      const entrantRuns = entrant && runs.get(entrant);
      if (!entrantRuns || entrantRuns.some(isFailure)) continue;
      options.say(`${id}: round ${round + 1} of ${rounds}, ${entrant.label}`);
      const work = scaled({ ...scenario.work, ...entrant.work }, share);
      const files = makeFiles(work);
      try {
        const { contestant, hint = false } = entrant;
        const line = { ...PERFECT_LINE, ...scenario.line, ...entrant.line };
        const onProfile = profileWriter(options.profiles, `${id}-${entrant.label}`);
        const job = { contestant, hint, work, line, isCold, paths: files.paths, limitSeconds, onProfile };
        entrantRuns.push(await runEntrant(bench, job));
      } finally {
        files.remove();
      }
    }
  }
  return {
    id,
    title,
    share,
    entrants: entrants.map((entrant) => ({ label: entrant.label, runs: runs.get(entrant) ?? [] })),
  };
}

export function isFailure(run: Run | Failure): run is Failure {
  return 'failure' in run;
}

/** Reduces the number of files, or the size of a single file. */
function scaled(work: Work, share: number): Work {
  if (work.files > 1) return { ...work, files: Math.ceil(work.files * share) };
  return { ...work, bytes: Math.ceil(work.bytes * share) };
}

function profileWriter(folder: string | null, name: string): ((profile: CpuProfile) => void) | null {
  if (folder === null) return null;
  return (profile) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.cpuprofile`), JSON.stringify(profile));
  };
}
