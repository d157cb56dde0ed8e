import { join } from 'node:path';
import { createObsHandler, on, type Arrival, type FaultRule, type ObsHandler } from 'rx-obs-upload/server';
import { createPageHandler } from '../../../examples/browser-page/server.js';
import { credentials } from './credentials.js';
import { listen } from './listen.js';

export const BUCKET = 'uploads';

/** The page and a local OBS in this process, so that a spec sees every request. */
export interface LocalPage extends Pick<ObsHandler, 'log' | 'control' | 'addFaults'> {
  readonly port: number;
  /** The URL of the page; the local OBS has another origin, as in production. */
  readonly url: string;
  readonly obsUrl: string;
  readonly directory: string;
  /** All parts that arrived, in order. */
  parts(): readonly Arrival[];
  arrivals(): readonly Arrival[];
  /** Numbers of the acknowledged parts, in order; a part that is acknowledged twice is listed twice. */
  acknowledged(): readonly number[];
  /** Parts from this number on stall in the middle of their body, until `release`. */
  holdFrom(partNumber: number): void;
  release(): void;
  /** The path of a stored object. */
  objectPath(key: string): string;
  close(): Promise<void>;
}

export async function startLocalPage(directory: string, faults: readonly FaultRule[] = []): Promise<LocalPage> {
  let heldFrom = Infinity;
  const hold = on('uploadPart', {
    times: Infinity,
    when: ({ partNumber }) => partNumber !== null && partNumber >= heldFrom,
  }).stall('mid-body');
  const obs = createObsHandler({ directory, credentials, buckets: [BUCKET], faults: [hold, ...faults] });
  const handler = createPageHandler({
    assets: join(__dirname, '..', '..', '..', 'build', 'page'),
    bucket: BUCKET,
    folder: join(directory, 'objects', BUCKET),
    credentials,
    obs,
  });
  await obs.ready;
  const server = await listen(handler, obs.checkContinue);
  const { port } = server;
  const parts = (): readonly Arrival[] => obs.log.entries.filter(({ operation }) => operation === 'uploadPart');
  return {
    log: obs.log,
    control: obs.control,
    addFaults: obs.addFaults,
    port,
    url: `http://localhost:${port}/`,
    obsUrl: `http://127.0.0.1:${port}`,
    directory,
    parts,
    arrivals: () => obs.log.entries,
    acknowledged: () =>
      parts().flatMap(({ status, partNumber }) => (status === 200 && partNumber !== null ? [partNumber] : [])),
    holdFrom: (partNumber) => (heldFrom = partNumber),
    release: () => (heldFrom = Infinity),
    objectPath: (key) => {
      const path = obs.fileOf(BUCKET, key);
      if (path === null) throw new Error(`The local OBS has no object ${key}`);
      return path;
    },
    close: async () => {
      await server.close();
      await obs.close();
    },
  };
}
