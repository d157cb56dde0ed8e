import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Complaint, inProject, root } from './project.mjs';

export const BUCKET = 'uploads';

/**
 * The local OBS and the example page on one port of this machine alone: not reachable from elsewhere. Port 0 takes
 * a free one; with `signs` the page gets signatures instead of credentials. Library and page must be built.
 */
export async function startLocalObs({ port, directory, faults = [], signs = false }) {
  makeWritable(directory);
  const { createObsServer } = await import('rx-obs-upload/server');
  const { createPageHandler } = await import('../../build/page-server.mjs');
  const credentials = { accessKeyId: 'local', secretAccessKey: randomBytes(20).toString('hex') };
  const folder = shortPath(join(directory, 'objects', BUCKET));
  const assets = inProject('build', 'page');
  const inFront = (obs) => createPageHandler({ assets, bucket: BUCKET, folder, credentials, signs, obs });
  try {
    const options = { directory, port, credentials, buckets: [BUCKET], faults, inFront };
    const server = await createObsServer(options);
    return { port: server.port, bucket: BUCKET, folder, credentials, close: server.close };
  } catch (error) {
    throw explain(error, port);
  }
}

/** What a local OBS that already runs on that port says of itself; null where there is none. */
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

function explain(error, port) {
  const code = error.cause?.code;
  if (code === 'EADDRINUSE') return new Complaint(`Port ${port} is taken: give another one with --port.`);
  if (code === 'EACCES') return new Complaint(`Port ${port} may not be used: give one from 1024 with --port.`);
  return error;
}

function shortPath(path) {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
}
