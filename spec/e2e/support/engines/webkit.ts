import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { Builder, By, Capabilities, type WebDriver } from 'selenium-webdriver';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import type { Engine } from './engine.js';

export interface WebKitPaths {
  readonly driver: string;
  readonly browser: string;
  readonly display: string;
}

/** Generous: scripts in pages respond immediately. */
const SCRIPT_TIMEOUT_MS = 120_000;

const START_TIMEOUT_MS = 60_000;

/**
 * WebKitGTK's MiniBrowser, driven by its own WebDriver, on a virtual screen: it has no headless mode. The driver serves
 * one session at a time, and each has its own storage.
 */
export async function startWebKit(paths: WebKitPaths): Promise<Engine> {
  const screen = spawn(paths.display, ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const closeScreen = (): Promise<void> => ended(screen, () => screen.kill());
  const display = await firstLine(screen.stdio[3] as Readable);
  const capabilities = new Capabilities()
    .setBrowserName('MiniBrowser')
    .set('webkitgtk:browserOptions', { binary: paths.browser, args: ['--automation'] });
  let driver = await startDriver(paths.driver, display).catch(async (error: unknown) => {
    await closeScreen();
    throw error;
  });

  /** When a browser fails to start, its driver waits for it forever: then both are restarted. */
  async function newSession(): Promise<WebDriver> {
    try {
      return await sessionOf(driver, capabilities);
    } catch {
      await driver.end();
      driver = await startDriver(paths.driver, display);
      return sessionOf(driver, capabilities);
    }
  }

  return {
    async open(url) {
      const session = await newSession();
      await session.manage().setTimeouts({ script: SCRIPT_TIMEOUT_MS, pageLoad: START_TIMEOUT_MS });
      await session.get(url);
      // The driver may crash on concurrent commands.
      let last: Promise<unknown> = Promise.resolve();
      const inSequence = <T>(command: () => Promise<T>): Promise<T> => {
        const result = last.then(command);
        last = result.catch(() => undefined);
        return result;
      };
      return {
        choose: (path) => inSequence(async () => session.findElement(By.css('input[type=file]')).sendKeys(path)),
        run: (expression) => inSequence(() => evaluate(session, expression)),
        reload: () => inSequence(() => session.navigate().refresh()),
        setOffline: () => Promise.reject(new Error('No driver of WebKitGTK takes the network away.')),
        close: () => session.quit(),
      };
    },
    async close() {
      await driver.end();
      await closeScreen();
    },
  };
}

interface Driver {
  readonly url: string;
  end(): Promise<void>;
}

/** Starts the driver in its own process group, so that its browsers end with it. */
async function startDriver(path: string, display: string): Promise<Driver> {
  const port = await freePort();
  const driver = spawn(path, [`--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, DISPLAY: `:${display}` },
  });
  await listening(driver, port);
  return {
    url: `http://127.0.0.1:${port}`,
    end: () => ended(driver, () => process.kill(-(driver.pid ?? 0), 'SIGKILL')),
  };
}

async function sessionOf({ url }: Driver, capabilities: Capabilities): Promise<WebDriver> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('WebKitGTK did not start.')), START_TIMEOUT_MS);
  });
  try {
    const building = (async () => new Builder().usingServer(url).withCapabilities(capabilities).build())();
    return await Promise.race([building, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

let lastCommand = 0;

/**
 * Inserts the expression as it is: pages may forbid `eval`. The WebDriver client resends a command when the connection
 * to the driver is reset, perhaps after the page has run it, so a page runs each command once and repeats its result.
 */
async function evaluate(session: WebDriver, expression: string): Promise<unknown> {
  const [failed, value] = await session.executeAsyncScript<[string | null, unknown]>(
    `const [command, done] = arguments;
     const answers = (globalThis.answersToCommands ??= new Map());
     if (!answers.has(command)) answers.set(command, (async () => (${expression}))());
     answers.get(command).then((value) => done([null, value]), (error) => done([String(error), null]));`,
    ++lastCommand,
  );
  if (failed !== null) throw new Error(failed);
  return value;
}

async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes('\n')) return text.trim();
  }
  throw new Error('The screen could not be started.');
}

async function listening(driver: ChildProcess, port: number): Promise<void> {
  await until("WebKitGTK's WebDriver listens", async () => {
    if (hasEnded(driver)) throw new Error("WebKitGTK's WebDriver has ended.");
    const socket = connect(port, '127.0.0.1');
    return once(socket, 'connect').then(
      () => Boolean(socket.destroy()),
      () => false,
    );
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function ended(child: ChildProcess, kill: () => void): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  kill();
  await exit;
}
