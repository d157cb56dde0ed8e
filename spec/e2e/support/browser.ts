import { chromium, type Browser, type BrowserContext } from 'playwright-core';

/** Nothing but the pages under test: Chromium's own traffic would be refused or, worse, not. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A camera, a microphone and a screen that are not there, and nobody who has to permit their use. */
export const FAKE_CAMERA: readonly string[] = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch(options(more));
}

/** With a profile of its own on the disk, which outlives it. */
export function launchProfile(directory: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(directory, options());
}

function options(more: readonly string[] = []): { readonly executablePath: string; readonly args: string[] } {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set: run the specs by npm run test:e2e.');
  // Chromium refuses to sandbox what root runs.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, args: [...QUIET, ...asRoot, ...more] };
}
