import { join } from 'node:path';
import {
  createObsServer,
  type Arrival,
  type FaultRule,
  type ObsServer,
  type ObsServerOptions,
} from 'rx-obs-upload/server';
import { credentials } from './credentials.js';
import { makeFile, makeFolder, MIB, sha256 } from './files.js';
import type { HarnessRequest } from './harness/upload.js';
import type { Host, HostUploader, RunningHost } from './hosts.js';
import { HANG_MS, until } from './until.js';

const BUCKET = 'media';
const KEY = 'film.mp4';
const PARTS = 6;
const QUIET_MS = 2000;
/** So long that only stalls made by a spec count: a slow machine does not stall. */
export const STALL_MS: number = 2 * HANG_MS;

interface WorldOptions extends Partial<ObsServerOptions> {
  /** Size of the file in bytes; by default six parts, the last one small. */
  readonly size?: number;
  readonly key?: string;
}

export interface HostWorld {
  readonly obs: ObsServer;
  readonly file: string;
  readonly view: HostUploader;
  start(
    options?: HarnessRequest['options'],
    more?: Partial<Pick<HarnessRequest, 'unresponsive' | 'checkpoint' | 'customerKey'>>,
  ): Promise<void>;
  /** Expects that the upload completes with the same bytes although all faults occurred. */
  expectWhole(verified?: 'crc64' | 'etag' | 'size'): Promise<void>;
  /**
   * Waits until that many parts are stored and the only request in flight is one that a fault holds, then advances time
   * until it counts as stalled.
   */
  timeOutHeldRequest(by: { readonly parts: number; readonly hasObject?: boolean }): Promise<void>;
  /**
   * Waits for the end; when nothing has happened for a while, advances time: some engines report nothing about a
   * deleted file. An upload that was only slow retries.
   */
  endedEvenIfStuck(): Promise<void>;
  /** The path of the object; null if it does not exist. */
  object(): string | null;
}

export interface HostWorlds {
  readonly partSize: number;
  /** Creates a file, its uploader and a local OBS, until the test ends or creates another world. */
  world(faults?: readonly FaultRule[], options?: WorldOptions): Promise<HostWorld>;
}

/** Starts a host for the tests of a `describe`. */
export function worldsOf({ place, start }: Host): HostWorlds {
  // Where the progress of a body cannot be seen, the stall timeout of a part grows with its size.
  const partSize = place === 'service worker' ? 100 * 1024 : MIB;
  const folder = makeFolder();
  let host: RunningHost;
  let opened: { close(): Promise<void> }[] = [];
  let worldCount = 0;

  beforeAll(async () => {
    host = await start();
  });

  async function closeOpened(): Promise<void> {
    const failures: unknown[] = [];
    for (const each of opened) await each.close().catch((error: unknown) => failures.push(error));
    opened = [];
    // Thrown only now: anything left open would keep the process alive.
    if (failures.length > 0) throw failures[0];
  }

  afterEach(closeOpened);

  afterAll(async () => {
    await host.close();
    folder.remove();
  });

  async function world(
    faults: readonly FaultRule[] = [],
    { size = (PARTS - 1) * partSize + 1000, key = KEY, ...options }: WorldOptions = {},
  ): Promise<HostWorld> {
    // WebKitGTK's driver serves one session at a time.
    await closeOpened();
    worldCount += 1;
    const file = makeFile(join(folder.path, `film-${worldCount}.mp4`), size);
    const directory = join(folder.path, `obs-${worldCount}`);
    const obs = await createObsServer({ directory, port: 0, credentials, faults, ...options });
    opened.push(obs);
    const view = await host.open(file);
    opened.unshift(view);
    const object = (): string | null => obs.fileOf(BUCKET, key);
    return {
      obs,
      file,
      view,
      object,
      start: (requested = {}, more = {}) =>
        view.start({
          ...more,
          server: obs.url,
          credentials,
          bucket: BUCKET,
          key,
          options: { partSize, taskNum: 2, stallTimeoutMs: STALL_MS, retry: { baseDelayMs: 50 }, ...requested },
        }),
      async timeOutHeldRequest({ parts, hasObject = false }) {
        const isHeld = ({ fault, status, aborted }: Arrival): boolean => fault !== null && status === null && !aborted;
        const describeState = (): string => {
          const arrivals = obs.log.entries.map(({ operation, status, fault }) => [operation, status, fault].join(' '));
          const events = view.events.map(({ type }) => type);
          return `${parts} parts are sent and a request is held. ${JSON.stringify({ arrivals, events, error: view.error })}`;
        };
        await until(describeState, () => {
          return (
            view.count('part-completed') === parts &&
            (object() !== null) === hasObject &&
            obs.log.inFlight() === 1 &&
            obs.log.entries.filter(isHeld).length === 1
          );
        });
        const held = obs.log.entries.find(isHeld);
        await view.advancePastStall();
        await until('the server has noticed', () => held?.aborted);
      },
      async endedEvenIfStuck() {
        // Node reports everything that happens to a file.
        if (view.tab === undefined) return view.ended();
        let hasEnded = false;
        let seen = '';
        const ended = view.ended().finally(() => (hasEnded = true));
        await until('the upload has ended', async () => {
          const now = String([view.events.length, obs.log.entries.length, obs.log.inFlight()]);
          if (!hasEnded && now === seen) await view.advancePastStall();
          seen = now;
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, QUIET_MS))]);
          return hasEnded;
        });
        await ended;
      },
      async expectWhole(verified = 'etag') {
        await view.ended();
        expect(view.error).toBeNull();
        expect(view.events.at(-1)).toMatchObject({ type: 'completed', result: { verified } });
        expect(await sha256(object() ?? '')).toBe(await sha256(file));
        for (const fault of faults) expect([fault.name, fault.fired > 0]).toEqual([fault.name, true]);
      },
    };
  }

  return { partSize, world };
}
