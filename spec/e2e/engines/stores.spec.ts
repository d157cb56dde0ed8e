import { join } from 'node:path';
import { checkpointStoreScenarios } from '../../conformance/checkpoint-store-scenarios.js';
import { streamSpoolScenarios } from '../../conformance/stream-spool-scenarios.js';
import { uploadLockScenarios } from '../../conformance/upload-lock-scenarios.js';
import { call, type Engine, type Tab } from '../support/engines/engine.js';
import { startHarness, type Harness } from '../support/harness/harness.js';
import { engines } from '../support/hosts.js';

describe.each(engines)('$name, page', ({ start }) => {
  let engine: Engine;
  let harness: Harness;
  /** Scenarios clean up after themselves, so one tab is enough for all of them. */
  let tab: Tab;

  beforeAll(async () => {
    engine = await start();
    harness = await startHarness(join(__dirname, '..', 'support', 'stores', 'page.ts'));
    tab = await engine.open(harness.url);
  });

  afterAll(async () => {
    await tab.close();
    await engine.close();
    await harness.close();
  });

  describe('stores', () => {
    describe.each(['localStorage', 'sessionStorage', 'indexedDB'] as const)('a checkpoint store in %s', (kind) => {
      const scenarios = checkpointStoreScenarios.filter(({ needs }) => needs !== 'database' || kind === 'indexedDB');
      it.each(scenarios.map(({ name }) => name))('%s', async (name) => {
        await tab.run(call('stores.runStoreScenario', kind, name));
      });

      it('survives a reload', async () => {
        expect(await tab.run(call('stores.save', kind, 'a', 3))).toBe('done');
        await tab.reload();
        expect(await tab.run(call('stores.load', kind, 'a'))).toBe('found 3 parts');
        expect(await tab.run(call('stores.remove', kind, 'a'))).toBe('done');
      });
    });

    describe('a spool in indexedDB', () => {
      it.each(streamSpoolScenarios.map(({ name }) => name))('%s', async (name) => {
        await tab.run(call('stores.runSpoolScenario', name));
      });

      it('survives a reload', async () => {
        const text = 'what was recorded '.repeat(20_000);
        await tab.run(call('stores.spool', 'a', text));
        await tab.reload();
        expect(await tab.run(call('stores.spooled', 'a'))).toBe(text);
      });
    });

    describe('webLock', () => {
      it.each(uploadLockScenarios.map(({ name }) => name))('%s', async (name) => {
        await tab.run(call('stores.runLockScenario', name));
      });
    });
  });
});
