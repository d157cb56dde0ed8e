import {
  BehaviorSubject,
  concatMap,
  defer,
  finalize,
  from,
  map,
  NEVER,
  of,
  share,
  Subject,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
  type Observable,
} from 'rxjs';
import {
  abortUpload$,
  listUploads$,
  obsSigner,
  type ObsConnectionOptions,
  type Signer,
  type UploadCheckpoint,
  type UploadEvent,
  type UploadOptions,
  type SizedSource,
} from 'rx-obs-upload';
import { fakeSource, on, type FakeObsOptions, type FaultRule, type ObsOperation } from 'rx-obs-upload/testing';
import { eventsOf, expectObject, PART, withOverrides, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import { expectFired, expectUploaded, interrupted, MINUTE, resumeAsJson } from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
/** Faults are limited to this upload; the next one on the connection has none. */
const thisUpload = { key: 'film.mp4' };

/** The next upload on the connection: initiate, a small part, complete. */
const next = {
  key: 'next.bin',
  sourceFile: fakeSource({ name: 'next.bin', size: 1000 }),
  multipart: 'always',
} as const;

/** Counts the active subscriptions to a port. */
function watched(): { readonly active: () => number; readonly watch: <T>(source$: Observable<T>) => Observable<T> } {
  let active = 0;
  const watch = <T>(source$: Observable<T>): Observable<T> =>
    defer(() => {
      active++;
      return source$.pipe(finalize(() => active--));
    });
  return { active: () => active, watch };
}

/** What an upload is doing when it is unsubscribed. */
interface Phase {
  readonly faults?: readonly FaultRule[];
  readonly fake?: FakeObsOptions;
  readonly connection?: Partial<ObsConnectionOptions>;
  readonly options?: Partial<UploadOptions>;
  readonly size?: number;
  /** How many parts the upload has before it is resumed; 0 for a new upload. */
  readonly resumes?: number;
  /** Between the first upload and the resume. */
  readonly meanwhile?: (world: UploadWorld, checkpoint: UploadCheckpoint) => void;
  /** This port must have no subscription afterwards. */
  readonly port?: ReturnType<typeof watched>;
}

const oneTask: Partial<UploadOptions> = { taskNum: 1 };
type Activity = ObsOperation | 'port' | 'nothing';

/** One request at once: initiate until 10 ms, parts until 120, 230, 340 and 351 ms, complete until 361 ms. */
const phases: readonly [name: string, ms: number, activity: Activity, phase: () => Phase][] = [
  ['initiate, while the sample is read', 5, 'initiateMultipartUpload', slowRead],
  ['signing: credentials for initiate', 25, 'port', slowCredentials],
  ['signing: initiate', 10, 'port', slowSigning],
  ['signing: a part', 40, 'port', slowSigning],
  ['signing: complete', 400, 'port', slowSigning],
  ['signing: credentials renewed for a part', 150, 'port', refusedCredentials],
  ['requesting the server time', 30, 'port', slowTime],
  ['hashing a part', 30, 'port', slowHasher],
  ['initiate', 5, 'initiateMultipartUpload', () => ({})],
  ['backoff of initiate', 200, 'nothing', () => ({ faults: [busy('initiateMultipartUpload')] })],
  ['a part', 60, 'uploadPart', () => ({})],
  ['a part, before its response', 115, 'uploadPart', () => ({})],
  ['the next part', 120.5, 'uploadPart', () => ({})],
  ['the last part', 345, 'uploadPart', () => ({})],
  ['backoff of a part', 300, 'nothing', () => ({ options: oneTask, faults: [busy('uploadPart')] })],
  ['backoff of two parts', 400, 'nothing', () => ({ faults: [busy('uploadPart', 2)] })],
  ['a part, while another backs off', 200, 'uploadPart', () => ({ faults: [busy('uploadPart')] })],
  ['a wait for the network', 300, 'port', offline],
  ['list parts', 5, 'listParts', () => ({ resumes: 2 })],
  ['backoff of list parts', 200, 'nothing', () => ({ resumes: 2, faults: [busy('listParts')] })],
  ['HEAD of a deleted upload', 15, 'headObject', () => ({ resumes: 2, meanwhile: deleteUpload })],
  ['initiate of a restart', 25, 'initiateMultipartUpload', () => ({ resumes: 2, meanwhile: deleteUpload })],
  ['complete', 355, COMPLETE, () => ({})],
  ['HEAD after a lost complete', 365, 'headObject', () => ({ faults: [on(COMPLETE, thisUpload).loseResponse()] })],
  ['list parts after a lost complete', 366, 'listParts', () => ({ faults: [on(COMPLETE, thisUpload).reset()] })],
  ['backoff of complete', 500, 'nothing', () => ({ faults: [on(COMPLETE, thisUpload).reset()] })],
  ['list parts after InvalidPart', 366, 'listParts', () => ({ faults: [lostPart()] })],
  ['sending a lost part again', 420, 'uploadPart', () => ({ faults: [lostPart()] })],
  ['HEAD of verify', 365, 'headObject', () => ({ faults: [on(COMPLETE, thisUpload).emptyEtag()] })],
  ['a single PUT', 50, 'putObject', () => ({ size: PART })],
  ['backoff of a single PUT', 300, 'nothing', () => ({ size: PART, faults: [busy('putObject')] })],
];

function busy(operation: ObsOperation, times = 1): FaultRule {
  return on(operation, { ...thisUpload, times }).respond(503, 'ServiceUnavailable');
}

function slowRead(): Phase {
  const port = watched();
  const file = fakeSource({ name: 'film.mp4', size: 3 * PART + 1000 });
  const read: SizedSource['read'] = (start, end) => port.watch(timer(20).pipe(concatMap(() => file.read(start, end))));
  return { options: { sourceFile: withOverrides(file, { read }) }, port };
}

function slowCredentials(): Phase {
  const port = watched();
  const issued = { accessKeyId: 'AK1', secretAccessKey: 'secret1' };
  const credentials = () => port.watch(timer(50).pipe(map(() => issued)));
  return { fake: { credentials: [issued] }, connection: { credentials }, port };
}

function refusedCredentials(): Phase {
  const port = watched();
  let calls = 0;
  const issued = [1, 2].map((n) => ({ accessKeyId: `AK${n}`, secretAccessKey: `secret${n}` }));
  const credentials = () => {
    const current = issued[Math.min(calls, 1)] ?? issued[0];
    return port.watch(timer(100 * calls++).pipe(concatMap(() => (current === undefined ? NEVER : of(current)))));
  };
  const faults = [on('uploadPart', thisUpload).respond(403, 'InvalidAccessKeyId')];
  return { fake: { credentials: issued }, connection: { credentials }, faults, port };
}

function slowSigning(): Phase {
  const port = watched();
  const { dialect, sign } = obsSigner();
  const signer: Signer = {
    dialect,
    sign: (request, context) => port.watch(timer(20).pipe(concatMap(() => from(sign(request, context))))),
  };
  return { connection: { signer }, port };
}

function slowTime(): Phase {
  const port = watched();
  const serverTime = () => port.watch(timer(100).pipe(map(() => 20 * MINUTE)));
  const faults = [on('any', { ...thisUpload, times: Number.POSITIVE_INFINITY }).hideHeaders('date')];
  return { fake: { clockSkewMs: 20 * MINUTE, tellsServerTime: false }, connection: { serverTime }, faults, port };
}

function slowHasher(): Phase {
  const port = watched();
  const md5 = () => port.watch(timer(50).pipe(concatMap(() => NEVER)));
  return { options: { checksum: 'md5', hasher: { md5 } }, port };
}

function offline(): Phase {
  const port = watched();
  return {
    connection: { online$: port.watch(new BehaviorSubject(false)) },
    faults: [on('uploadPart', thisUpload).reset()],
    port,
  };
}

function deleteUpload(world: UploadWorld, { uploadId }: UploadCheckpoint): void {
  world.fake.abortUpload(uploadId);
}

function lostPart(): FaultRule {
  return on(COMPLETE, thisUpload).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2));
}

/** A world with one request at once, in which an upload reaches the phase. */
function worldOf({ fake, connection, faults = [], size = 3 * PART + 1000, resumes = 0, meanwhile }: Phase): {
  readonly world: UploadWorld;
  readonly given: UploadCheckpoint | null;
} {
  const world = uploadWorld(
    { etags: 'fast', ...fake },
    { maxConcurrentRequests: 1, ...connection },
    fakeSource({ name: 'film.mp4', size }),
  );
  const given = resumes > 0 ? interrupted(world, resumes) : null;
  if (given !== null) meanwhile?.(world, given);
  world.fake.addFaults(...faults);
  return { world, given };
}

function arrivalsOfThisUpload({ fake }: UploadWorld): number {
  return fake.log.filter(({ key }) => key === thisUpload.key).length;
}

/** The last checkpoint that was emitted, or the one that it was resumed with. */
function lastCheckpointOf(
  events: Recording<UploadEvent> | undefined,
  given: UploadCheckpoint | null,
): UploadCheckpoint | null {
  return (events && eventsOf(events, 'checkpoint').at(-1)?.checkpoint) ?? given;
}

describe('unsubscribe', () => {
  it.each(phases)(
    'during %s sends nothing more and releases permits, and a resume completes',
    (_, ms, activity, make) => {
      const phase = make();
      const { world, given } = worldOf(phase);
      const { fake, upload, resume } = world;
      const films: Recording<UploadEvent>[] = [];
      let sent = Number.NaN;
      const after = runVirtually(() => {
        const film = record(given ? resume(given, phase.options) : upload(phase.options));
        films.push(film);
        const following$ = new Subject<Observable<UploadEvent>>();
        const following = record(following$.pipe(switchMap((next$) => next$)));
        at(ms, () => {
          expect(film.endedAt).toBeNull();
          if (phase.port !== undefined) expect(phase.port.active()).toBeGreaterThanOrEqual(1);
          expect(fake.inFlight()).toBe(activity === 'port' || activity === 'nothing' ? 0 : 1);
          if (activity !== 'port' && activity !== 'nothing') expect(fake.inFlight(activity)).toBe(1);
          film.unsubscribe();
          sent = arrivalsOfThisUpload(world);
          expect(fake.inFlight()).toBe(0);
          expect(phase.port?.active() ?? 0).toBe(0);
          following$.next(upload(next));
          following$.complete();
        });
        return following;
      });
      for (const rule of phase.faults ?? []) expectFired(rule);
      expect(arrivalsOfThisUpload(world)).toBe(sent);
      expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
      expect(after.values.at(-1)?.type).toBe('completed');
      expectObject(fake, next.key, next.sourceFile);
      expect(fake.maxInFlight()).toBe(1);
      fake.clearFaults();
      const checkpoint = lastCheckpointOf(films[0], given);
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectUploaded(world, resumed);
      const again = eventsOf(resumed, 'part-started').filter(({ partNumber }) =>
        checkpoint?.parts.some((part) => part.partNumber === partNumber),
      );
      if (phase.meanwhile === undefined && phase.faults?.[0]?.match.key === undefined) expect(again).toEqual([]);
    },
  );

  describe('while queued', () => {
    it.each([
      ['initiate', 5],
      ['a part', 170],
    ])('for %s sends nothing, and the other upload continues', (_, ms) => {
      const { world } = worldOf({});
      let sent = Number.NaN;
      const other = runVirtually(() => {
        const first = record(world.upload({ key: 'other.bin' }));
        const events = record(world.upload());
        at(ms, () => {
          events.unsubscribe();
          sent = arrivalsOfThisUpload(world);
        });
        return first;
      });
      expect(arrivalsOfThisUpload(world)).toBe(sent);
      expect(other.values.at(-1)?.type).toBe('completed');
      expect(world.fake.maxInFlight()).toBe(1);
    });
  });

  describe('before the response to initiate', () => {
    it('leaves an orphan that listUploads$ finds and a new upload does not use', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        at(5, () => film.unsubscribe());
        return film;
      });
      expect(lastCheckpointOf(events, null)).toBeNull();
      const [orphan] = world.fake.uploads();
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film' })));
      expect(found.values).toMatchObject([{ key: 'film.mp4', uploadId: orphan?.uploadId }]);
      expectUploaded(world, resumeAsJson(world, null));
      expect(world.fake.object('film.mp4')?.uploadId).not.toBe(orphan?.uploadId);
      expect(world.fake.uploads()).toEqual([orphan]);
    });
  });

  describe('before a part that still reaches the server', () => {
    it('lets the next resume use that part', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        // The body has arrived, and the response is in transit.
        at(225, () => film.unsubscribe());
        return film;
      });
      const checkpoint = lastCheckpointOf(events, null);
      expect(checkpoint?.parts).toHaveLength(1);
      expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toHaveLength(2);
      const resumed = resumeAsJson(world, checkpoint);
      expectUploaded(world, resumed);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).toEqual([3, 4]);
    });

    it('lets abortUpload$ list the parts and abort again while any remain', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const partArrives = on('abortMultipartUpload').act((control, { uploadId }) =>
        control.putPart(uploadId ?? '', 3, new Uint8Array(PART)),
      );
      const abortIgnored = on('abortMultipartUpload').respond(204, null, { body: '' });
      world.fake.addFaults(partArrives, abortIgnored);
      const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
      expectFired(partArrives, abortIgnored);
      expect(aborted.completed).toBe(true);
      expect(world.fake.uploads()).toHaveLength(0);
      expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(2);
    });

    it('of abortUpload$ sends nothing more', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const abortIgnored = on('abortMultipartUpload', { times: 2 }).respond(204, null, { body: '' });
      world.fake.addFaults(abortIgnored);
      for (const ms of [5, 15, 500]) {
        let sent = Number.NaN;
        runVirtually(() => {
          const aborted = record(abortUpload$(world.obs, checkpoint));
          at(ms, () => {
            aborted.unsubscribe();
            sent = world.fake.log.length;
          });
          return aborted;
        });
        expect(world.fake.log).toHaveLength(sent);
        expect(world.fake.inFlight()).toBe(0);
      }
    });
  });

  describe('inside next', () => {
    const types: readonly [type: UploadEvent['type'], nth: number, phase: () => Phase][] = [
      ['started', 1, () => ({})],
      ['progress', 1, () => ({})],
      ['progress', 2, () => ({})],
      ['checkpoint', 1, () => ({})],
      ['checkpoint', 2, () => ({})],
      ['part-started', 1, () => ({})],
      ['part-started', 3, () => ({})],
      ['part-completed', 1, () => ({})],
      ['part-completed', 4, () => ({})],
      ['completing', 1, () => ({})],
      ['completed', 1, () => ({})],
      ['retrying', 1, () => ({ faults: [busy('uploadPart')] })],
      ['waiting', 1, offline],
      ['restarted', 1, () => ({ resumes: 2, meanwhile: deleteUpload })],
      ['warning', 1, () => ({ resumes: 2, faults: [on('listParts', thisUpload).respond(403, 'AccessDenied')] })],
    ];
    const speeds: readonly [string, FakeObsOptions][] = [
      ['delayed responses', {}],
      ['immediate responses', { latencyMs: 0, bytesPerSecond: null }],
    ];
    const cases = speeds.flatMap(([speed, fake]) =>
      types.map(([type, nth, make]) => [type, nth, speed, fake, make] as const),
    );

    it.each(cases)("of '%s' number %i stops the upload, with %s", (type, nth, _, speed, make) => {
      const phase = make();
      const { world, given } = worldOf({ ...phase, fake: { ...speed, ...phase.fake } });
      let sent = Number.NaN;
      let seen = 0;
      const events = runVirtually(() => {
        const film$ = given ? world.resume(given) : world.upload();
        const continues = (event: UploadEvent): boolean => {
          if (event.type !== type || ++seen < nth) return true;
          // Before it is unsubscribed: that frees the permit that another part waits for.
          sent = arrivalsOfThisUpload(world);
          return false;
        };
        const film = record(film$.pipe(takeWhile(continues, true)));
        at(10 * MINUTE, () => expect(world.fake.inFlight()).toBe(0));
        return film;
      });
      expect(seen).toBe(nth);
      expect(events.values.at(-1)?.type).toBe(type);
      expect(arrivalsOfThisUpload(world)).toBe(sent);
      expect(phase.port?.active() ?? 0).toBe(0);
      const after = runVirtually(() => record(world.upload(next)));
      expect(after.values.at(-1)?.type).toBe('completed');
      world.fake.clearFaults();
      expectUploaded(world, resumeAsJson(world.reconnect(), lastCheckpointOf(events, given)));
    });
  });

  describe('and resubscribe in the same tick', () => {
    const moments = [0, 5, 10, 60, 115, 120, 225, 230, 340, 345, 351, 355, 360];

    it.each(moments)('after %i ms resumes where it stopped, within the same limits', (ms) => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        const resumed$ = new Subject<UploadCheckpoint | null>();
        const resumed = record(resumed$.pipe(switchMap((checkpoint) => world.resume(checkpoint))));
        at(ms, () => {
          film.unsubscribe();
          resumed$.next(lastCheckpointOf(film, null));
          resumed$.complete();
        });
        return resumed;
      });
      expectUploaded(world, events);
      expect(world.fake.maxInFlight()).toBe(1);
    });

    it('inside next, repeatedly, completes', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const again$ = new BehaviorSubject<UploadCheckpoint | null>(null);
        let times = 0;
        return record(
          again$.pipe(
            switchMap((checkpoint) =>
              world.resume(checkpoint).pipe(
                map((event) => {
                  if (event.type === 'checkpoint' && event.checkpoint.parts.length > 0 && ++times < 4) {
                    again$.next(event.checkpoint);
                  }
                  if (event.type === 'completed') again$.complete();
                  return event;
                }),
              ),
            ),
          ),
        );
      });
      expect(events.values.at(-1)?.type).toBe('completed');
      expectObject(world.fake, 'film.mp4', world.file);
      expect(world.fake.arrivals('uploadPart').filter(({ status }) => status === 200)).toHaveLength(4);
      expect(world.fake.maxInFlight()).toBe(1);
      expect(world.fake.inFlight()).toBe(0);
    });
  });

  describe('two subscribers', () => {
    it('are two uploads: one stops, the other continues', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const upload$ = world.upload();
        const first = record(upload$);
        const second = record(upload$);
        at(150, () => first.unsubscribe());
        return second;
      });
      expectUploaded(world, events);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      expect(world.fake.uploads()).toHaveLength(1);
    });

    it('of a shared upload stop it only when the last one unsubscribes', () => {
      const { world } = worldOf({});
      let sent = Number.NaN;
      const events = runVirtually(() => {
        const upload$ = world.upload().pipe(share());
        const first = record(upload$);
        const second = record(upload$);
        at(60, () => first.unsubscribe());
        at(150, () => {
          second.unsubscribe();
          sent = world.fake.log.length;
        });
        return second;
      });
      expect(world.fake.log).toHaveLength(sent);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(1);
      expectUploaded(world, resumeAsJson(world, lastCheckpointOf(events, null)));
    });

    it('of one resume send to the same upload, and both complete', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const both: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        const resume$ = world.resume(checkpoint);
        both.push(record(resume$), record(resume$));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      for (const events of both) expectUploaded(world, events);
      expect(world.fake.object('film.mp4')?.uploadId).toBe(checkpoint.uploadId);
    });
  });
});
