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
import { eventsOf, expectObject, PART, twisted, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually, type Recording } from '../support/virtual-time.js';
import { expectFired, expectSurvived, interrupted, MINUTE, resumeAsJson } from '../support/scenario-world.js';

const COMPLETE = 'completeMultipartUpload';
/** Faults are for this upload; the next one on the connection meets none. */
const mine = { key: 'film.mp4' };

/** The next upload on the connection: initiate, a small part, complete. */
const next = {
  key: 'next.bin',
  sourceFile: fakeSource({ name: 'next.bin', size: 1000 }),
  multipart: 'always',
} as const;

/** Counts who is subscribed to a port. */
function watched(): { readonly now: () => number; readonly watch: <T>(source$: Observable<T>) => Observable<T> } {
  let now = 0;
  const watch = <T>(source$: Observable<T>): Observable<T> =>
    defer(() => {
      now++;
      return source$.pipe(finalize(() => now--));
    });
  return { now: () => now, watch };
}

/** What an upload is doing when it is unsubscribed from. */
interface Phase {
  readonly faults?: readonly FaultRule[];
  readonly fake?: FakeObsOptions;
  readonly connection?: Partial<ObsConnectionOptions>;
  readonly options?: Partial<UploadOptions>;
  readonly size?: number;
  /** How many parts an upload had before that is now resumed; 0: a new upload. */
  readonly resumes?: number;
  /** Between the first upload and the resume. */
  readonly meanwhile?: (world: UploadWorld, checkpoint: UploadCheckpoint) => void;
  /** Nobody may be subscribed to this port afterwards. */
  readonly port?: ReturnType<typeof watched>;
}

const one: Partial<UploadOptions> = { taskNum: 1 };
type Doing = ObsOperation | 'port' | 'nothing';

/** One request at once: initiate until 10 ms, parts until 120, 230, 340 and 351 ms, complete until 361 ms. */
const phases: readonly [name: string, ms: number, doing: Doing, phase: () => Phase][] = [
  ['initiate, while the sample is read', 5, 'initiateMultipartUpload', slowRead],
  ['signing: credentials for initiate', 25, 'port', slowCredentials],
  ['signing: initiate', 10, 'port', slowSigning],
  ['signing: a part', 40, 'port', slowSigning],
  ['signing: complete', 400, 'port', slowSigning],
  ['signing: credentials renewed under a part', 150, 'port', refusedKeys],
  ['asking for the time', 30, 'port', slowTime],
  ['hashing a part', 30, 'port', slowHasher],
  ['initiate', 5, 'initiateMultipartUpload', () => ({})],
  ['backoff of initiate', 200, 'nothing', () => ({ faults: [busy('initiateMultipartUpload')] })],
  ['a part', 60, 'uploadPart', () => ({})],
  ['a part, while its answer is awaited', 115, 'uploadPart', () => ({})],
  ['the next part', 120.5, 'uploadPart', () => ({})],
  ['the last part', 345, 'uploadPart', () => ({})],
  ['backoff of a part', 300, 'nothing', () => ({ options: one, faults: [busy('uploadPart')] })],
  ['backoff of two parts', 400, 'nothing', () => ({ faults: [busy('uploadPart', 2)] })],
  ['a part, while another backs off', 200, 'uploadPart', () => ({ faults: [busy('uploadPart')] })],
  ['a wait for the network', 300, 'port', offline],
  ['list parts', 5, 'listParts', () => ({ resumes: 2 })],
  ['backoff of list parts', 200, 'nothing', () => ({ resumes: 2, faults: [busy('listParts')] })],
  ['HEAD of a dead upload', 15, 'headObject', () => ({ resumes: 2, meanwhile: gone })],
  ['initiate of a restart', 25, 'initiateMultipartUpload', () => ({ resumes: 2, meanwhile: gone })],
  ['complete', 355, COMPLETE, () => ({})],
  ['HEAD after a lost complete', 365, 'headObject', () => ({ faults: [on(COMPLETE, mine).loseResponse()] })],
  ['list parts after a lost complete', 366, 'listParts', () => ({ faults: [on(COMPLETE, mine).reset()] })],
  ['backoff of complete', 500, 'nothing', () => ({ faults: [on(COMPLETE, mine).reset()] })],
  ['list parts after InvalidPart', 366, 'listParts', () => ({ faults: [lostPart()] })],
  ['sending a lost part again', 420, 'uploadPart', () => ({ faults: [lostPart()] })],
  ['HEAD of verify', 365, 'headObject', () => ({ faults: [on(COMPLETE, mine).emptyEtag()] })],
  ['one PUT', 50, 'putObject', () => ({ size: PART })],
  ['backoff of one PUT', 300, 'nothing', () => ({ size: PART, faults: [busy('putObject')] })],
];

function busy(operation: ObsOperation, times = 1): FaultRule {
  return on(operation, { ...mine, times }).respond(503, 'ServiceUnavailable');
}

function slowRead(): Phase {
  const port = watched();
  const file = fakeSource({ name: 'film.mp4', size: 3 * PART + 1000 });
  const read: SizedSource['read'] = (start, end) => port.watch(timer(20).pipe(concatMap(() => file.read(start, end))));
  return { options: { sourceFile: twisted(file, { read }) }, port };
}

function slowCredentials(): Phase {
  const port = watched();
  const keys = { accessKeyId: 'AK1', secretAccessKey: 'secret1' };
  const credentials = () => port.watch(timer(50).pipe(map(() => keys)));
  return { fake: { credentials: [keys] }, connection: { credentials }, port };
}

function refusedKeys(): Phase {
  const port = watched();
  let calls = 0;
  const keys = [1, 2].map((n) => ({ accessKeyId: `AK${n}`, secretAccessKey: `secret${n}` }));
  const credentials = () => {
    const held = keys[Math.min(calls, 1)] ?? keys[0];
    return port.watch(timer(100 * calls++).pipe(concatMap(() => (held === undefined ? NEVER : of(held)))));
  };
  const faults = [on('uploadPart', mine).respond(403, 'InvalidAccessKeyId')];
  return { fake: { credentials: keys }, connection: { credentials }, faults, port };
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
  const faults = [on('any', { ...mine, times: Number.POSITIVE_INFINITY }).hideHeaders('date')];
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
    faults: [on('uploadPart', mine).reset()],
    port,
  };
}

function gone(world: UploadWorld, { uploadId }: UploadCheckpoint): void {
  world.fake.abortUpload(uploadId);
}

function lostPart(): FaultRule {
  return on(COMPLETE, mine).act((control, { uploadId }) => control.deletePart(uploadId ?? '', 2));
}

/** A world of one request at once in which an upload reaches a phase. */
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

function arrivalsOfMine({ fake }: UploadWorld): number {
  return fake.log.filter(({ key }) => key === mine.key).length;
}

/** The last checkpoint that was emitted, or the one that it was resumed with. */
function kept(events: Recording<UploadEvent> | undefined, given: UploadCheckpoint | null): UploadCheckpoint | null {
  return (events && eventsOf(events, 'checkpoint').at(-1)?.checkpoint) ?? given;
}

describe('unsubscribe', () => {
  it.each(phases)(
    'during %s: nothing is sent after, slots are given back, a resume completes',
    (_, ms, doing, make) => {
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
          if (phase.port !== undefined) expect(phase.port.now()).toBeGreaterThanOrEqual(1);
          expect(fake.inFlight()).toBe(doing === 'port' || doing === 'nothing' ? 0 : 1);
          if (doing !== 'port' && doing !== 'nothing') expect(fake.inFlight(doing)).toBe(1);
          film.unsubscribe();
          sent = arrivalsOfMine(world);
          expect(fake.inFlight()).toBe(0);
          expect(phase.port?.now() ?? 0).toBe(0);
          following$.next(upload(next));
          following$.complete();
        });
        return following;
      });
      for (const rule of phase.faults ?? []) expectFired(rule);
      expect(arrivalsOfMine(world)).toBe(sent);
      expect(fake.arrivals('abortMultipartUpload')).toHaveLength(0);
      expect(after.values.at(-1)?.type).toBe('completed');
      expectObject(fake, next.key, next.sourceFile);
      expect(fake.maxInFlight()).toBe(1);
      fake.clearFaults();
      const checkpoint = kept(films[0], given);
      const resumed = resumeAsJson(world.reconnect(), checkpoint);
      expectSurvived(world, resumed);
      const again = eventsOf(resumed, 'part-started').filter(({ partNumber }) =>
        checkpoint?.parts.some((part) => part.partNumber === partNumber),
      );
      if (phase.meanwhile === undefined && phase.faults?.[0]?.match.key === undefined) expect(again).toEqual([]);
    },
  );

  describe('while it waits for its turn', () => {
    it.each([
      ['initiate', 5],
      ['a part', 170],
    ])('%s: nothing is sent, and the others continue', (_, ms) => {
      const { world } = worldOf({});
      let sent = Number.NaN;
      const other = runVirtually(() => {
        const first = record(world.upload({ key: 'other.bin' }));
        const events = record(world.upload());
        at(ms, () => {
          events.unsubscribe();
          sent = arrivalsOfMine(world);
        });
        return first;
      });
      expect(arrivalsOfMine(world)).toBe(sent);
      expect(other.values.at(-1)?.type).toBe('completed');
      expect(world.fake.maxInFlight()).toBe(1);
    });
  });

  describe('initiate whose upload id arrives late', () => {
    it('is in no limbo: listUploads$ finds it, and a new upload is one of its own', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        at(5, () => film.unsubscribe());
        return film;
      });
      expect(kept(events, null)).toBeNull();
      const [orphan] = world.fake.uploads();
      const found = runVirtually(() => record(listUploads$(world.obs, { bucket: 'media', prefix: 'film' })));
      expect(found.values).toMatchObject([{ key: 'film.mp4', uploadId: orphan?.uploadId }]);
      expectSurvived(world, resumeAsJson(world, null));
      expect(world.fake.object('film.mp4')?.uploadId).not.toBe(orphan?.uploadId);
      expect(world.fake.uploads()).toEqual([orphan]);
    });
  });

  describe('a part that lands after abort', () => {
    it('by unsubscribe: it is only on the server, and the next resume keeps it', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        // The body is in, the answer is on its way.
        at(225, () => film.unsubscribe());
        return film;
      });
      const checkpoint = kept(events, null);
      expect(checkpoint?.parts).toHaveLength(1);
      expect(world.fake.partsOf(checkpoint?.uploadId ?? '')).toHaveLength(2);
      const resumed = resumeAsJson(world, checkpoint);
      expectSurvived(world, resumed);
      expect(eventsOf(resumed, 'part-started').map(({ partNumber }) => partNumber)).toEqual([3, 4]);
    });

    it('by abortUpload$: the parts are listed, and aborted again while any remain', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const lands = on('abortMultipartUpload').act((control, { uploadId }) =>
        control.putPart(uploadId ?? '', 3, new Uint8Array(PART)),
      );
      const survives = on('abortMultipartUpload').respond(204, null, { body: '' });
      world.fake.addFaults(lands, survives);
      const aborted = runVirtually(() => record(abortUpload$(world.obs, checkpoint)));
      expectFired(lands, survives);
      expect(aborted.completed).toBe(true);
      expect(world.fake.uploads()).toHaveLength(0);
      expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(2);
    });

    it('by abortUpload$ that is unsubscribed from: nothing is sent after', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const survives = on('abortMultipartUpload', { times: 2 }).respond(204, null, { body: '' });
      world.fake.addFaults(survives);
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
      ['restarted', 1, () => ({ resumes: 2, meanwhile: gone })],
      ['warning', 1, () => ({ resumes: 2, faults: [on('listParts', mine).respond(403, 'AccessDenied')] })],
    ];
    const speeds: readonly [string, FakeObsOptions][] = [
      ['answers that take time', {}],
      ['answers at once', { latencyMs: 0, bytesPerSecond: null }],
    ];
    const cases = speeds.flatMap(([speed, fake]) =>
      types.map(([type, nth, make]) => [type, nth, speed, fake, make] as const),
    );

    it.each(cases)("of '%s' number %i, with %s", (type, nth, _, speed, make) => {
      const phase = make();
      const { world, given } = worldOf({ ...phase, fake: { ...speed, ...phase.fake } });
      let sent = Number.NaN;
      let seen = 0;
      const events = runVirtually(() => {
        const film$ = given ? world.resume(given) : world.upload();
        const stopped$ = film$.pipe(takeWhile((event) => event.type !== type || ++seen < nth, true));
        const film = record(stopped$.pipe(finalize(() => (sent = arrivalsOfMine(world)))));
        at(10 * MINUTE, () => expect(world.fake.inFlight()).toBe(0));
        return film;
      });
      expect(seen).toBe(nth);
      expect(events.values.at(-1)?.type).toBe(type);
      expect(arrivalsOfMine(world)).toBe(sent);
      expect(phase.port?.now() ?? 0).toBe(0);
      const after = runVirtually(() => record(world.upload(next)));
      expect(after.values.at(-1)?.type).toBe('completed');
      world.fake.clearFaults();
      expectSurvived(world, resumeAsJson(world.reconnect(), kept(events, given)));
    });
  });

  describe('resubscribe in the same tick', () => {
    const moments = [0, 5, 10, 60, 115, 120, 225, 230, 340, 345, 351, 355, 360];

    it.each(moments)('after %i ms: one resumes where the other stopped, within the same bounds', (ms) => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const film = record(world.upload());
        const resumed$ = new Subject<UploadCheckpoint | null>();
        const resumed = record(resumed$.pipe(switchMap((checkpoint) => world.resume(checkpoint))));
        at(ms, () => {
          film.unsubscribe();
          resumed$.next(kept(film, null));
          resumed$.complete();
        });
        return resumed;
      });
      expectSurvived(world, events);
      expect(world.fake.maxInFlight()).toBe(1);
    });

    it('inside next, again and again', () => {
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
    it('are two uploads: one leaves, the other continues', () => {
      const { world } = worldOf({});
      const events = runVirtually(() => {
        const upload$ = world.upload();
        const first = record(upload$);
        const second = record(upload$);
        at(150, () => first.unsubscribe());
        return second;
      });
      expectSurvived(world, events);
      expect(world.fake.arrivals('initiateMultipartUpload')).toHaveLength(2);
      expect(world.fake.uploads()).toHaveLength(1);
    });

    it('of a shared one: it continues until the last of them leaves', () => {
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
      expectSurvived(world, resumeAsJson(world, kept(events, null)));
    });

    it('of one resume: both send into the same upload, and both see the whole object', () => {
      const { world } = worldOf({});
      const checkpoint = interrupted(world);
      const both: Recording<UploadEvent>[] = [];
      runVirtually(() => {
        const resume$ = world.resume(checkpoint);
        both.push(record(resume$), record(resume$));
        return record(NEVER.pipe(takeUntil(timer(1))));
      });
      for (const events of both) expectSurvived(world, events);
      expect(world.fake.object('film.mp4')?.uploadId).toBe(checkpoint.uploadId);
    });
  });
});
