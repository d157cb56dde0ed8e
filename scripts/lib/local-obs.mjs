import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative } from 'node:path';
import { Complaint, inProject, root } from './project.mjs';

export const BUCKET = 'uploads';

/**
 * The local OBS and the example page on one port of this machine alone: not reachable from elsewhere. Port 0 takes
 * a free one. Library and page must be built.
 */
export async function startLocalObs({ port, directory, faults = [] }) {
  makeWritable(directory);
  const { createObsHandler } = await import('rx-obs-upload/server');
  const { createPageHandler } = await import('../../build/page-server.mjs');
  const credentials = { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
  const folder = join(directory, 'objects', BUCKET);
  const obs = createObsHandler({ directory, credentials, buckets: [BUCKET], faults });
  await obs.ready;
  const handler = createPageHandler({
    assets: inProject('build', 'page'),
    bucket: BUCKET,
    folder: shortPath(folder),
    credentials,
    obs,
  });
  const servers = await listen(handler, obs.checkContinue, port);
  return {
    port: servers[0].address().port,
    bucket: BUCKET,
    folder,
    credentials,
    close: async () => {
      await Promise.all(servers.map(close));
      await obs.close();
    },
  };
}

/** What a local OBS that already runs on that port tells of itself; null where there is none. */
export async function findLocalObs(port) {
  try {
    const [config, credentials] = await Promise.all(
      ['config', 'credentials'].map(async (name) => {
        const response = await fetch(`http://127.0.0.1:${port}/_page/${name}.json`, {
          signal: AbortSignal.timeout(3000),
        });
        return response.ok ? response.json() : null;
      }),
    );
    if (!config?.bucket || !credentials?.secretAccessKey) return null;
    return { port, bucket: config.bucket, folder: config.folder, credentials };
  } catch {
    return null;
  }
}

function makeWritable(directory) {
  const probe = join(directory, `.writable-${process.pid}`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new Complaint(
      `Nothing can be written to ${directory} (${error.code}): give another folder with --directory.`,
    );
  }
}

/** Both names of this machine: `localhost` is `::1` for some programs and `127.0.0.1` for others. */
async function listen(handler, checkContinue, port) {
  const first = await listenOn(handler, checkContinue, '127.0.0.1', port);
  try {
    return [first, await listenOn(handler, checkContinue, '::1', first.address().port)];
  } catch (error) {
    if (!(error instanceof Complaint)) return [first];
    await close(first);
    throw error;
  }
}

function listenOn(handler, checkContinue, host, port) {
  return new Promise((resolve, reject) => {
    // A slow line may take hours for one part.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 120_000 }, handler);
    server.on('checkContinue', checkContinue);
    server.once('error', (error) => reject(explain(error, port)));
    server.listen({ host, port }, () => resolve(server));
  });
}

function explain(error, port) {
  if (error.code === 'EADDRINUSE') return new Complaint(`Port ${port} is taken: give another one with --port.`);
  if (error.code === 'EACCES') return new Complaint(`Port ${port} may not be used: give one from 1024 with --port.`);
  return error;
}

function close(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

function shortPath(path) {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
}
