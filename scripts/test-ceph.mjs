// npm run test:ceph: uploads to a Ceph RADOS Gateway that is started for it, from Node and from Chromium.
import { buildLibrary } from './lib/build.mjs';
import { requireCeph, startCeph } from './lib/ceph.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { command } from './lib/project.mjs';
import { runJest } from './lib/jest.mjs';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

await command(async (args) => {
  await ensureInstalled();
  requireCeph();
  const executablePath = await ensureChromium();
  await buildLibrary();
  const stopped = new AbortController();
  const onSignal = (signal) => stopped.abort(signal);
  for (const signal of Object.keys(SIGNALS)) process.once(signal, onSignal);
  const ceph = await startCeph();
  try {
    process.stderr.write(`Ceph's RADOS Gateway listens on port ${ceph.port}.\n`);
    if (stopped.signal.aborted) return SIGNALS[stopped.signal.reason];
    const env = {
      ...process.env,
      CHROMIUM_PATH: executablePath,
      CEPH_PORT: String(ceph.port),
      CEPH_TOKEN_PORT: String(ceph.tokenPort),
      CEPH_USER: ceph.user,
      CEPH_ACCESS_KEY_ID: ceph.credentials.accessKeyId,
      CEPH_SECRET_ACCESS_KEY: ceph.credentials.secretAccessKey,
    };
    const { succeeded } = await runJest('ceph', { args, inTurn: true, env, signal: stopped.signal });
    return SIGNALS[stopped.signal.reason] ?? (succeeded ? 0 : 1);
  } finally {
    await ceph.close();
  }
});
