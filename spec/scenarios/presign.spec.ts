import fc from 'fast-check';
import { concatMap, map, NEVER, Observable, of, throwError, timer } from 'rxjs';
import {
  abortUpload$,
  obsSigner,
  v2Dialect,
  toUploadErrorInfo,
  v2Signer,
  v4Signer,
  type SignedRequest,
  type UploadEvent,
} from 'rx-obs-upload';
import { sharedOf } from '../../lib/connection/obs-connection.js';
import { fakeSource, on, type FakeObsOptions, type FaultRule } from 'rx-obs-upload/testing';
import { expectLaws } from '../support/laws.js';
import { presigningBackend, type BackendOptions, type PresigningBackend } from '../support/presigning-backend.js';
import { expectPermitsBack } from '../support/scenario-world.js';
import {
  eventsOf,
  expectObject,
  lastCheckpoint,
  PART,
  uploadWorld,
  type UploadWorld,
} from '../support/upload-world.js';
import { at, inVirtualTime, record, runVirtually, type Recording } from '../support/virtual-time.js';

const MINUTE = 60_000;

interface PresignedWorld extends UploadWorld {
  readonly backend: PresigningBackend;
}

/** An error like those of HTTP clients. */
function httpError(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status });
}

function presignedWorld(options: BackendOptions = {}, fakeOptions: FakeObsOptions = {}, parts = 4): PresignedWorld {
  const backend: PresigningBackend = presigningBackend(() => world.fake, options);
  const { presign } = backend;
  const dialect = options.signer?.dialect;
  const file = fakeSource({ name: 'film.mp4', size: (parts - 1) * PART + 1000 });
  const connection = { presign, ...(dialect === undefined ? {} : { dialect }) };
  const world: UploadWorld = uploadWorld({ etags: 'fast', ...fakeOptions }, connection, file);
  return { ...world, backend };
}

function expectCompleted({ fake, file }: UploadWorld, events: Recording<UploadEvent>): void {
  expect(events.error).toBeUndefined();
  expectLaws(events);
  expect(events.completed).toBe(true);
  expectObject(fake, 'film.mp4', file);
  expect(fake.inFlight()).toBe(0);
}

describe('an upload that a backend signs', () => {
  const signers = [
    ['OBS', obsSigner()],
    ['version 2', v2Signer()],
    ['version 4', v4Signer({ region: 'local' })],
  ] as const;
  const ways = signers.flatMap(([name, signer]) =>
    (['query', 'headers'] as const).map((by) => [name, by, signer] as const),
  );

  it.each(ways)('completes with signatures of %s in %s', (_, by, signer) => {
    const world = presignedWorld({ signer, by });
    const events = runVirtually(() => record(world.upload()));
    expectCompleted(world, events);
    expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
  });

  it("sends the options in the backend's dialect", () => {
    const world = presignedWorld({ signer: v2Signer() });
    runVirtually(() => record(world.upload({ acl: 'public-read' })));
    expect(sharedOf(world.obs).signer.dialect).toBe(v2Dialect);
    expect(world.fake.object('film.mp4')?.options).toMatchObject({ acl: 'public-read' });
  });

  it('can be a single PUT, and can be aborted', () => {
    const world = presignedWorld({}, {}, 1);
    runVirtually(() => record(world.upload()));
    expect(world.backend.asked()).toEqual(['putObject']);
    const started = runVirtually(() => record(world.upload({ multipart: 'always', key: 'other.mp4', taskNum: 1 })));
    const aborted = runVirtually(() => record(abortUpload$(world.obs, lastCheckpoint(started))));
    expect(aborted).toMatchObject({ error: undefined, completed: true });
  });

  it('passes the backend all that it needs, as plain JSON', () => {
    const { upload, backend, fake } = presignedWorld();
    const events = runVirtually(() => record(upload()));
    const [initiate, part] = backend.questions.map(({ requests }) => requests[0]);
    const common = { bucket: 'media', key: 'film.mp4' };
    expect(initiate).toEqual({
      ...common,
      operation: 'initiateMultipartUpload',
      method: 'POST',
      url: 'https://media.obs.test/film.mp4?uploads',
      headers: { 'Content-Type': 'video/mp4' },
      uploadId: null,
      partNumber: null,
      size: null,
    });
    const uploadId = eventsOf(events, 'started')[0]?.uploadId ?? '';
    expect(part).toEqual({
      ...common,
      operation: 'uploadPart',
      method: 'PUT',
      url: `https://media.obs.test/film.mp4?partNumber=1&uploadId=${uploadId}`,
      headers: {},
      uploadId,
      partNumber: 1,
      size: PART,
    });
    expect(JSON.parse(JSON.stringify(backend.questions))).toEqual(backend.questions);
    expect(fake.log).toHaveLength(6);
  });

  describe('requests signatures ahead of need', () => {
    it('once for each part, 16 at a time, whatever the number in flight', () => {
      const world = presignedWorld({ answer: (signed) => timer(5).pipe(map(() => signed)) }, {}, 40);
      const events = runVirtually(() => record(world.upload({ taskNum: 3 })));
      expectCompleted(world, events);
      const numbers = (from: number, to: number): string =>
        Array.from({ length: to - from + 1 }, (_, i) => from + i).join(' ');
      expect(world.backend.asked()).toEqual([
        'initiateMultipartUpload',
        numbers(1, 16),
        numbers(17, 32),
        numbers(33, 40),
        'completeMultipartUpload',
      ]);
    });

    it('so that most parts start when another ends, even if the backend is slow', () => {
      const world = presignedWorld({ answer: (signed) => timer(1000).pipe(map(() => signed)) }, {}, 32);
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectCompleted(world, events);
      const began = events.times.filter((_, i) => events.values[i]?.type === 'part-started');
      const waits = began.slice(1).map((time, i) => time - (began[i] ?? 0));
      expect(waits.filter((ms) => ms >= 1000)).toHaveLength(1);
    });

    it('for the next parts, not for those already sent, when a part is retried', () => {
      const world = presignedWorld({}, { faults: [on('uploadPart', { partNumber: 3 }).respond(503, 'SlowDown')] }, 30);
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectCompleted(world, events);
      expect(world.backend.asked().slice(1, -1)).toEqual([
        '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16',
        '3 17 18 19',
        '20 21 22 23 24 25 26 27 28 29 30',
      ]);
    });

    it('but one by one if each part has its MD5', () => {
      const world = presignedWorld();
      const events = runVirtually(() => record(world.upload({ taskNum: 1, checksum: 'md5' })));
      expectCompleted(world, events);
      expect(world.backend.asked()).toEqual(['initiateMultipartUpload', '1', '2', '3', '4', 'completeMultipartUpload']);
    });

    it('for two uploads at once', () => {
      const world = presignedWorld();
      const both = [1, 2].map(() => [] as Recording<UploadEvent>[]);
      runVirtually(() => {
        both[0]?.push(record(world.upload()));
        const other = record(world.upload({ key: 'other.mp4' }));
        both[1]?.push(other);
        return other;
      });
      expect(both.map(([events]) => events?.completed)).toEqual([true, true]);
      expect(world.backend.asked()[0]).toBe('initiateMultipartUpload initiateMultipartUpload');
      expect(world.backend.asked()[1]).toBe('1 2 1 2 3 4 3 4');
    });
  });

  describe('requests signatures again', () => {
    it.each<[name: string, form: (ms: number) => unknown]>([
      ['milliseconds', (ms) => ms],
      ['text', (ms) => new Date(ms).toISOString()],
    ])('before sending if they expired while queued or unused, with expiresAt in %s', (_, form) => {
      const slow = on('uploadPart', { times: Infinity }).slow({ bytesPerSecond: 20 * 1024 });
      const answer = (signed: readonly SignedRequest[]): Observable<readonly SignedRequest[]> =>
        of(signed.map((one) => ({ ...one, expiresAt: form(one.expiresAt ?? 0) as number })));
      const world = presignedWorld({ expiresInSeconds: 12, answer }, { faults: [slow] }, 8);
      const events = runVirtually(() => record(world.upload({ taskNum: 2 })));
      expectCompleted(world, events);
      expect(world.fake.log.every(({ status }) => status === 200)).toBe(true);
      expect(world.backend.asked().slice(1)).toEqual(['1 2 3 4 5 6 7 8', '7 8', 'completeMultipartUpload']);
    });

    describe('without the permit', () => {
      /** One request at a time; the backend responds after that time, with URLs that are valid for a few seconds. */
      function narrowWorld(
        faults: readonly FaultRule[],
        answerMs: (n: number) => number,
        seconds: number,
      ): PresignedWorld {
        const backend = presigningBackend(() => world.fake, { expiresInSeconds: seconds });
        const presign: PresigningBackend['presign'] = (requests) => {
          backend.presign(requests);
          const ms = answerMs(backend.questions.length);
          return ms === 0 ? of(requests.map(backend.sign)) : timer(ms).pipe(map(() => requests.map(backend.sign)));
        };
        const connection = { presign, maxConcurrentRequests: 1 };
        const world: UploadWorld = uploadWorld({ faults }, connection, fakeSource({ size: 1000 }));
        return { ...world, backend };
      }

      const lasting = (key: string, seconds: number): FaultRule =>
        on('putObject', { key }).slow({ bytesPerSecond: 1000 / seconds });

      it('so that others send in the meantime, and the request comes first after them', () => {
        const faults = [lasting('a', 20), lasting('c', 35)];
        // The fourth call is the second one for b.
        const { fake, upload, backend } = narrowWorld(faults, (n) => (n === 4 ? 30_000 : 0), 12);
        const starts = { a: 0, b: 1000, c: 15_000, d: 45_000 };
        runVirtually(() => {
          for (const [key, ms] of Object.entries(starts)) at(ms, () => record(upload({ key })));
          return record(timer(0));
        });
        expect(fake.log.map(({ key, status }) => [key, status])).toEqual(['a', 'c', 'b', 'd'].map((key) => [key, 200]));
        const [a, c, b] = fake.log;
        expect([c?.at, b?.at]).toEqual([a?.endedAt, c?.endedAt]);
        expect(backend.questions).toHaveLength(5);
      });

      it('once for each request, so that all are sent although each takes longer than a URL is valid', () => {
        const keys = ['a', 'b', 'c', 'd'];
        const { fake, upload } = narrowWorld(
          keys.map((key) => lasting(key, 20)),
          () => 5000,
          2,
        );
        const events = keys.map((): Recording<UploadEvent>[] => []);
        runVirtually(() => {
          keys.forEach((key, i) => events[i]?.push(record(upload({ key }))));
          return record(timer(0));
        });
        expect(events.map(([recording]) => recording?.completed)).toEqual([true, true, true, true]);
        expect(fake.log.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      });

      it('or with it, and it is back whenever the upload is unsubscribed', () => {
        for (const cancelled of ['b', 'c']) {
          for (let ms = 0; ms <= 80_000; ms += 2500) {
            const keys = ['a', 'b', 'c'];
            const faults = keys.map((key) => lasting(key, 20));
            const { fake, upload } = narrowWorld(faults, () => 5000, 2);
            runVirtually(() => {
              for (const key of keys) {
                const events = record(upload({ key }));
                if (key === cancelled) at(ms, () => events.unsubscribe());
              }
              return record(timer(0));
            });
            const others = keys.filter((key) => key !== cancelled);
            expect([cancelled, ms, ...others.map((key) => fake.object(key)?.size)]).toEqual([
              cancelled,
              ms,
              1000,
              1000,
            ]);
            expectPermitsBack(fake, upload);
          }
        }
      });
    });

    it.each([
      ['OBS', 403, 'RequestTimeTooSkewed', 'Request has expired.'],
      ['AWS', 403, 'AccessDenied', 'Request has expired'],
      ['Ceph', 403, 'AccessDenied', ''],
      ['AWS, for expired credentials', 400, 'ExpiredToken', 'The provided token has expired.'],
    ])('once for each refusal by %s (%i %s), and learns no clock offset', (_, status, code, message) => {
      const headers = { date: new Date(10 * 60 * MINUTE).toUTCString() };
      const fault = on('uploadPart', { times: 2 }).respond(status, code, { message, headers });
      const world = presignedWorld({}, { faults: [fault] });
      const events = runVirtually(() => record(world.upload({ taskNum: 2 })));
      expectCompleted(world, events);
      expect(fault.fired).toBe(2);
      expect(eventsOf(events, 'retrying').map(({ delayMs }) => delayMs)).toEqual([0, 0]);
      expect(world.backend.asked().slice(1)).toEqual(['1 2 3 4', '1 2 3 4', 'completeMultipartUpload']);
      expect(sharedOf(world.obs).clock.offsetMs).toBeNull();
    });

    it.each(['initiateMultipartUpload', 'completeMultipartUpload'] as const)(
      'once when %s is denied without a reason',
      (operation) => {
        const fault = on(operation).respond(403, 'AccessDenied', { message: '' });
        const world = presignedWorld({}, { faults: [fault] });
        const events = runVirtually(() => record(world.upload()));
        expectCompleted(world, events);
        expect(fault.fired).toBe(1);
        expect(world.fake.arrivals(operation).map(({ status }) => status)).toEqual([403, 200]);
      },
    );

    it.each(['query', 'headers'] as const)("when the service refuses the backend's clock, signed by %s", (by) => {
      const skew = on('any', { times: 1 }).respond(403, 'RequestTimeTooSkewed', { message: 'Too far off.' });
      const world = presignedWorld({ by }, { faults: [skew] });
      const events = runVirtually(() => record(world.upload()));
      expectCompleted(world, events);
      expect(sharedOf(world.obs).clock.offsetMs).toBeNull();
    });

    it('and fails with a resumable error when refused again', () => {
      const fault = on('uploadPart', { partNumber: 2, times: Infinity }).respond(403, 'SignatureDoesNotMatch');
      const world = presignedWorld({}, { faults: [fault] });
      const events = runVirtually(() => record(world.upload()));
      expect(events.error).toMatchObject({
        name: 'ServiceError',
        serviceCode: 'SignatureDoesNotMatch',
        resumable: true,
      });
      expect(fault.fired).toBe(2);
      expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
    });

    it('no more often if the clock of the machine is off, in either direction', () => {
      for (const clockSkewMs of [-20 * MINUTE, 20 * MINUTE]) {
        const world = presignedWorld({ expiresInSeconds: 60 }, { clockSkewMs }, 20);
        const events = runVirtually(() => record(timer(30 * MINUTE).pipe(concatMap(() => world.upload()))));
        expectCompleted(world, events);
        expect(world.backend.questions).toHaveLength(4);
      }
    });
  });

  describe('when the backend', () => {
    it('fails once, emits `retrying` and asks it again', () => {
      const world = presignedWorld({
        answer: (signed, n) => (n === 2 ? throwError(() => httpError(502)) : of(signed)),
      });
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expectCompleted(world, events);
      expect(eventsOf(events, 'retrying')[0]).toMatchObject({ partNumber: 1, error: { code: 'presign' } });
    });

    it('does not respond, stalls and asks it again', () => {
      const world = presignedWorld({ answer: (signed, n) => (n === 2 ? NEVER : of(signed)) });
      const events = runVirtually(() => record(world.upload({ stallTimeoutMs: 5000 })));
      expectCompleted(world, events);
      expect(eventsOf(events, 'retrying')[0]).toMatchObject({ error: { code: 'stalled' } });
    });

    it('refuses, fails at once with a resumable SigningError', () => {
      const world = presignedWorld({
        answer: (signed, n) => (n >= 2 ? throwError(() => httpError(403)) : of(signed)),
      });
      const events = runVirtually(() => record(world.upload()));
      expect(events.error).toMatchObject({ name: 'SigningError', code: 'presign', resumable: true });
      expect(eventsOf(events, 'retrying')).toEqual([]);
      expect(world.fake.uploads()).toHaveLength(1);
    });

    it('refuses one of the uploads that start in the same tick, fails only that one', () => {
      const world = presignedWorld({
        answer: (signed) =>
          signed.some(({ url }) => url.includes('/b.html')) ? throwError(() => httpError(403)) : of(signed),
      });
      const uploads: Recording<UploadEvent>[] = [];
      inVirtualTime(() => {
        for (const key of ['a.png', 'b.html', 'c.pdf']) uploads.push(record(world.upload({ key })));
      });
      const initiate = 'initiateMultipartUpload';
      const [together, ...alone] = world.backend.asked();
      expect(together).toBe([initiate, initiate, initiate].join(' '));
      expect(alone.slice(0, 3)).toEqual([initiate, initiate, initiate]);
      expect(uploads.map(({ completed }) => completed)).toEqual([true, false, true]);
      expect(uploads[1]?.error).toMatchObject({ name: 'SigningError', code: 'presign', operation: initiate });
      expect(eventsOf(uploads[0] as Recording<UploadEvent>, 'retrying')).toEqual([]);
      for (const key of ['a.png', 'c.pdf']) expectObject(world.fake, key, world.file);
      uploads.forEach(expectLaws);
    });

    it('signs one part for another host, fails only for that part', () => {
      const stray = ({ url, ...rest }: SignedRequest): SignedRequest => ({
        ...rest,
        url: url.includes('partNumber=4&') ? url.replace('obs.test', 'evil.test') : url,
      });
      const world = presignedWorld({ answer: (signed) => of(signed.map(stray)) });
      const events = runVirtually(() => record(world.upload({ taskNum: 1 })));
      expect(events.error).toMatchObject({ code: 'presign', partNumber: 4 });
      expect(lastCheckpoint(events).parts).toHaveLength(3);
      expect(toUploadErrorInfo(events.error).message).not.toMatch(/Signature|evil/);
    });
  });

  it('sends nothing and asks the backend nothing after unsubscribe, at any time', () => {
    const total = (() => {
      const world = presignedWorld({ answer: (signed) => timer(9).pipe(map(() => signed)) });
      return runVirtually(() => record(world.upload())).endedAt ?? 0;
    })();
    for (let ms = 0; ms <= total; ms += 7) {
      let pending = 0;
      const world = presignedWorld({
        answer: (signed) =>
          new Observable((subscriber) => {
            pending++;
            subscriber.add(() => pending--);
            subscriber.add(timer(9).subscribe(() => subscriber.next(signed)));
          }),
      });
      let [questions, requests] = [0, 0];
      runVirtually(() => {
        const events = record(world.upload());
        at(ms, () => {
          events.unsubscribe();
          expect([pending, world.fake.inFlight()]).toEqual([0, 0]);
          [questions, requests] = [world.backend.questions.length, world.fake.log.length];
        });
        return events;
      });
      expect([world.backend.questions.length, world.fake.log.length]).toEqual([questions, requests]);
    }
  });

  it('continues when another upload that waits for the same response is unsubscribed', () => {
    const world = presignedWorld({ answer: (signed) => timer(20).pipe(map(() => signed)) });
    const events = runVirtually(() => {
      const other = record(world.upload({ key: 'other.mp4' }));
      const film = record(world.upload());
      at(10, () => other.unsubscribe());
      return film;
    });
    expectCompleted(world, events);
  });

  it('shows no signature in events and errors', () => {
    const world = presignedWorld({}, { faults: [on('uploadPart', { partNumber: 2, times: Infinity }).reset()] });
    const events = runVirtually(() => record(world.upload({ retry: { maxAttempts: 2, jitter: 'none' } })));
    const { message, stack, cause } = events.error as Error;
    const shown = JSON.stringify([events.values, message, stack, String(cause)]);
    expect(shown).not.toMatch(/Signature|Expires=|AccessKeyId|fake-secret/);
  });

  it('obeys the laws, whatever goes wrong at the service and the backend', () => {
    const fault = fc
      .record({
        operation: fc.constantFrom('initiateMultipartUpload', 'uploadPart', 'completeMultipartUpload' as const),
        arrival: fc.integer({ min: 1, max: 6 }),
        what: fc.constantFrom('reset', 'skew', 'expired', 'keys', 'busy'),
      })
      .map(({ operation, arrival, what }): FaultRule => {
        const builder = on(operation, { arrival });
        if (what === 'reset') return builder.reset();
        if (what === 'skew') return builder.respond(403, 'RequestTimeTooSkewed', { message: 'Request has expired.' });
        if (what === 'expired') return builder.respond(403, 'AccessDenied', { message: 'Request has expired' });
        return what === 'keys' ? builder.respond(403, 'InvalidAccessKeyId') : builder.respond(503, 'SlowDown');
      });
    const backendBehaviors = fc.array(fc.constantFrom('good', 'good', 'slow', 'late', 'down', 'silent'), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.array(fault, { maxLength: 4 }),
        backendBehaviors,
        fc.integer({ min: 1, max: 5 }),
        (faults, behaviors, taskNum) => {
          const world = presignedWorld(
            {
              expiresInSeconds: 5,
              answer: (signed, n) => {
                const behavior = behaviors[n - 1];
                if (behavior === 'down') return throwError(() => new Error('down'));
                if (behavior === 'silent') return NEVER;
                return timer(behavior === 'slow' ? 500 : behavior === 'late' ? 6000 : 1).pipe(map(() => signed));
              },
            },
            { faults },
            6,
          );
          const events = runVirtually(() => record(world.upload({ taskNum, stallTimeoutMs: 10_000 })));
          expect(events.endedAt).not.toBeNull();
          expectLaws(events);
          expect(world.fake.inFlight()).toBe(0);
          expect(world.fake.maxInFlight('uploadPart')).toBeLessThanOrEqual(taskNum);
          expect(world.fake.arrivals('abortMultipartUpload')).toHaveLength(0);
          if (events.completed) expectObject(world.fake, 'film.mp4', world.file);
          else expect(events.error).toMatchObject({ isRxObsUploadError: true });
        },
      ),
      { numRuns: 40 },
    );
  });
});
