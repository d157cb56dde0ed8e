import dns from 'node:dns';
import { join } from 'node:path';
import { launchChromium } from '../../e2e/support/browser.js';
import { startHarness } from '../../e2e/support/harness/harness.js';
import { scenarios, type Scenarios } from '../scenarios/index.js';
import type { World } from './world.js';

/** Where scenarios run. */
export interface Host {
  run<Name extends keyof Scenarios>(name: Name, world: World): Promise<Outcome<Name>>;
  close(): Promise<void>;
}

type Outcome<Name extends keyof Scenarios> = Awaited<ReturnType<Scenarios[Name]>>;

/** Browsers resolve `*.localhost` to this machine themselves; for Node the lookup is replaced. */
export function startNode(): Promise<Host> {
  const lookup = dns.lookup as (hostname: string, ...rest: readonly unknown[]) => void;
  const spy = jest.spyOn(dns, 'lookup').mockImplementation((hostname: string, ...rest: readonly unknown[]) => {
    lookup(hostname.endsWith('.localhost') ? '127.0.0.1' : hostname, ...rest);
  });
  return Promise.resolve({
    run: <Name extends keyof Scenarios>(name: Name, world: World) => scenarios[name](world) as Promise<Outcome<Name>>,
    close: () => Promise.resolve(spy.mockRestore()),
  });
}

export async function startChromium(): Promise<Host> {
  const harness = await startHarness(join(__dirname, 'page.ts'));
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(harness.url);
  return {
    run: <Name extends keyof Scenarios>(name: Name, world: World) =>
      page.evaluate(([scenario, input]) => window.runScenario(scenario, input), [name, world] as const) as Promise<
        Outcome<Name>
      >,
    async close() {
      await browser.close();
      await harness.close();
    },
  };
}
