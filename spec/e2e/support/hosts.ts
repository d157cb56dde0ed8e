import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { launchChromium } from './browser.js';
import { chromiumEngine } from './engines/chromium.js';
import type { Engine, Tab } from './engines/engine.js';
import { startFirefox } from './engines/firefox.js';
import { startWebKit, type WebKitPaths } from './engines/webkit.js';
import { makeFolder } from './files.js';
import { SKIPPABLE_TIME, startHarness } from './harness/harness.js';
import type { Place } from './harness/page.js';
import type { ProcessRequest } from './harness/process.js';
import type { HarnessReport } from './harness/upload.js';
import { recordReports, type Uploader } from './harness/uploader.js';

/** The engines of this run, as passed by scripts/test-browsers.mjs; by default only pages in Chromium. */
export interface EnginePaths {
  readonly chromium?: string;
  readonly firefox?: string;
  readonly webkit?: WebKitPaths;
  /** The binary of each version of Node. */
  readonly node?: Readonly<Record<string, string>>;
}

/** Where uploads run: a page of a browser, a worker of either kind, a process of Node. */
export interface Host {
  readonly name: string;
  readonly place: Place | 'process';
  /** Whether specs can disable the network. */
  readonly goesOffline: boolean;
  /** Whether it refuses to read a file whose date has changed since it was chosen. */
  readonly noticesDates: boolean;
  start(): Promise<RunningHost>;
}

export interface RunningHost {
  open(file: string): Promise<HostUploader>;
  close(): Promise<void>;
}

/** Pages and their workers have a tab. */
export type HostUploader = Uploader & { readonly tab?: Tab };

export interface NamedEngine {
  readonly name: string;
  start(): Promise<Engine>;
}

const paths: EnginePaths =
  process.env.ENGINES === undefined ? { chromium: '' } : (JSON.parse(process.env.ENGINES) as EnginePaths);
const { chromium, firefox, webkit, node = {} } = paths;

export const engines: readonly NamedEngine[] = [
  ...(chromium === undefined ? [] : [{ name: 'Chromium', start: async () => chromiumEngine(await launchChromium()) }]),
  ...(firefox === undefined ? [] : [{ name: 'Firefox', start: () => startFirefox(firefox) }]),
  ...(webkit === undefined ? [] : [{ name: 'WebKitGTK', start: () => startWebKit(webkit) }]),
];

/** A `workerConnection` talks to its worker in the same way in all engines, so one is enough. */
const placesIn = (engine: string): readonly Place[] => {
  if (process.env.ENGINES === undefined) return ['page'];
  const common: readonly Place[] = ['page', 'dedicated worker', 'service worker'];
  return engine === 'Chromium' ? [...common, 'upload worker'] : common;
};

export const hosts: readonly Host[] = [
  ...engines.flatMap((engine) => placesIn(engine.name).map((place) => hostOf(engine, place))),
  ...Object.entries(node).map(([version, path]) => nodeHost(`Node ${version}`, path)),
];

function hostOf({ name, start }: NamedEngine, place: Place): Host {
  return {
    name: `${name}, ${place}`,
    place,
    goesOffline: place === 'page' && name !== 'WebKitGTK',
    noticesDates: name !== 'Firefox',
    async start() {
      const engine = await start();
      const harness = await startHarness();
      return {
        open: (file) => harness.open(engine, place, file),
        async close() {
          await engine.close();
          await harness.close();
        },
      };
    },
  };
}

function nodeHost(name: string, execPath: string): Host {
  return {
    name,
    place: 'process',
    goesOffline: false,
    noticesDates: true,
    async start() {
      const folder = makeFolder();
      const script = join(folder.path, 'process.cjs');
      await build({
        entryPoints: [join(__dirname, 'harness', 'process.ts')],
        outfile: script,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
        inject: [SKIPPABLE_TIME],
        tsconfigRaw: {},
      });
      return {
        open: (file) => Promise.resolve(inProcess(script, execPath, file)),
        close: () => Promise.resolve(folder.remove()),
      };
    },
  };
}

function inProcess(script: string, execPath: string, file: string): Uploader {
  const child = fork(script, { execPath });
  const send = (asked: ProcessRequest['asked']): Promise<void> =>
    new Promise((resolve, reject) => child.send({ asked }, (error) => (error === null ? resolve() : reject(error))));
  const { report, lose, uploader } = recordReports({
    start: (request) => send({ request, file }),
    cancel: () => send('cancel'),
    advancePastStall: () => send('advancePastStall'),
    async close() {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  });
  child.on('message', (received: HarnessReport) => report(received));
  child.on('exit', (code) => lose(new Error(`The process ended with ${code}.`)));
  return uploader;
}
