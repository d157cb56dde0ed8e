import type { Browser } from './launch.js';

export interface Page {
  /** The value of an expression, awaited. */
  evaluate(expression: string): Promise<unknown>;
  chooseFiles(paths: readonly string[]): Promise<void>;
  /** CPU seconds used by tasks of the main thread. */
  mainThreadSeconds(): Promise<number>;
  /** Starts a CPU profile; the returned function stops it and returns the profile. */
  profile(): Promise<() => Promise<CpuProfile>>;
  /** Opens another tab in front of the page. */
  cover(): Promise<void>;
  close(): Promise<void>;
}

/** The format that DevTools opens. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Evaluated {
  readonly result: { readonly value?: unknown; readonly objectId?: string };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

/** Opens a page in its own process. */
export async function openPage({ cdp }: Browser, url: string): Promise<Page> {
  const { targetId } = await cdp.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = (await cdp.send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  const send = (method: string, params?: object): Promise<Readonly<Record<string, unknown>>> =>
    cdp.send(method, params, sessionId);

  const evaluated = async (expression: string, returnByValue: boolean): Promise<Evaluated['result']> => {
    const params = { expression, awaitPromise: true, returnByValue };
    const { result, exceptionDetails } = (await send('Runtime.evaluate', params)) as unknown as Evaluated;
    if (exceptionDetails === undefined) return result;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  };

  await send('Page.enable');
  const loaded = cdp.next('Page.loadEventFired', sessionId);
  await send('Page.navigate', { url });
  await loaded;
  await send('Page.disable');
  // CPU time of the thread: other work of the machine is not counted.
  await send('Performance.enable', { timeDomain: 'threadTicks' });

  const targets = [targetId];
  return {
    evaluate: async (expression) => (await evaluated(expression, true)).value,
    async chooseFiles(files) {
      const { objectId } = await evaluated('document.querySelector("input")', false);
      await send('DOM.setFileInputFiles', { files, objectId });
    },
    async mainThreadSeconds() {
      const { metrics } = (await send('Performance.getMetrics')) as {
        metrics: readonly { readonly name: string; readonly value: number }[];
      };
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    },
    async profile() {
      await send('Profiler.enable');
      await send('Profiler.setSamplingInterval', { interval: 200 });
      await send('Profiler.start');
      return async () => {
        const { profile } = await send('Profiler.stop');
        await send('Profiler.disable');
        return profile as CpuProfile;
      };
    },
    async cover() {
      const cover = await cdp.send('Target.createTarget', { url: 'about:blank' });
      targets.push(String(cover.targetId));
      await cdp.send('Target.activateTarget', { targetId: cover.targetId });
      const { value } = await evaluated('document.visibilityState', true);
      if (value !== 'hidden') throw new Error(`The page is ${String(value)} behind another tab.`);
    },
    async close() {
      for (const target of targets) await cdp.send('Target.closeTarget', { targetId: target });
    },
  };
}
