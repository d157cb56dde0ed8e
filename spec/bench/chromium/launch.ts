import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { connectCdp, type Cdp } from './cdp.js';

export interface Browser {
  readonly pid: number;
  readonly cdp: Cdp;
  close(): Promise<void>;
}

const FLAGS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  // For the self-signed certificate of the benchmark.
  '--ignore-certificate-errors',
];

/** Without these, a page that is not visible is throttled. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/**
 * Chromium, driven over a pipe with only the necessary domains enabled: with the Network domain the browser would copy
 * every body for every listener.
 * @param options - `isThrottled`: whether timers of background pages are throttled, as in any user's browser
 */
export async function launchBrowser(executable: string, { isThrottled = false } = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'rx-obs-upload-bench-'));
  // Chromium refuses to sandbox what root runs.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(
    executable,
    [...FLAGS, ...(isThrottled ? [] : UNTHROTTLED), ...asRoot, `--user-data-dir=${profile}`, 'about:blank'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  const [, , , toBrowser, fromBrowser] = child.stdio;
  const cdp = connectCdp(toBrowser as Writable, fromBrowser as Readable);
  await cdp.send('Browser.getVersion');
  return {
    pid: child.pid ?? 0,
    cdp,
    async close() {
      const exited = once(child, 'exit');
      await Promise.race([cdp.send('Browser.close').catch(() => undefined), exited]);
      const killTimer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(killTimer);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
