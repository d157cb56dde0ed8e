import { chromium, type Browser, type BrowserContext } from 'playwright-core';

/** Silences Chromium's own traffic: it would fail or, worse, succeed. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A fake camera, microphone and screen that need no permission. */
export const FAKE_CAMERA: readonly string[] = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch(options(more));
}

/** Launches Chromium with a profile on disk, which survives it. */
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
