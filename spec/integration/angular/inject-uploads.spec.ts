import { computed, createEnvironmentInjector, EnvironmentInjector, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { InvalidOptionsError, type QueueRequest } from 'rx-obs-upload';
import { injectUploads, type Uploads, type UploadsOptions } from 'rx-obs-upload/angular';
import {
  createFakeObs,
  fakeCheckpointStore,
  fakeSource,
  on,
  type FakeObs,
  type FakeSource,
} from 'rx-obs-upload/testing';
import { expectObject, PART } from '../../support/upload-world.js';
import { at, inVirtualTime } from '../../support/virtual-time.js';
import { application, injected, provideConnectionTo } from './support.js';

const PARTS = 4;

describe('injectUploads', () => {
  let fake: FakeObs;
  let file: FakeSource;
  let uploads: Uploads;

  /** A part takes 100 ms. */
  function setUp(options?: UploadsOptions): void {
    fake = createFakeObs({ bytesPerSecond: PART * 10 });
    file = fakeSource({ name: 'film.mp4', size: PARTS * PART });
    application(provideConnectionTo(fake));
    uploads = injected(() => injectUploads(options));
  }

  const request = (key = 'film.mp4'): QueueRequest => ({ bucket: 'media', key, sourceFile: file, partSize: PART });
  const statuses = (): string[] => uploads.rows().map(({ status }) => status);
  const parts = (): number => fake.arrivals('uploadPart').length;

  it('uploads, and provides the state as signals', () => {
    inVirtualTime(() => {
      setUp();
      expect(uploads.state()).toMatchObject({ rows: [], totals: { totalBytes: 0 }, pending: [], notices: [] });
      const [id] = uploads.add(request());
      expect(uploads.rows()).toMatchObject([{ id, name: 'film.mp4', key: 'film.mp4', size: PARTS * PART }]);
      at(150, () => {
        expect(uploads.counts().uploading).toBe(1);
        expect(uploads.totals().fraction).toBe(1 / PARTS);
      });
    });
    expect(uploads.rows()).toMatchObject([
      { status: 'completed', snapshot: { fraction: 1, result: { key: 'film.mp4' } } },
    ]);
    expectObject(fake, 'film.mp4', file);
  });

  it('updates only the signals whose part of the state has changed', () => {
    inVirtualTime(() => {
      setUp();
      let changes = 0;
      const otherSignals = computed(() => [uploads.pending(), uploads.notices(), ++changes]);
      otherSignals();
      uploads.add(request());
      at(1000, () => {
        otherSignals();
        expect(changes).toBe(1);
      });
    });
  });

  it('pauses at once and resumes the missing parts', () => {
    inVirtualTime(() => {
      setUp();
      const [id] = uploads.add(request());
      at(250, () => {
        uploads.pause(id);
        expect(statuses()).toEqual(['paused']);
        expect(fake.inFlight()).toBe(0);
        expect(uploads.rows()[0]?.snapshot.checkpoint?.parts).toHaveLength(2);
      });
      at(1000, () => {
        expect(parts()).toBe(3);
        uploads.resume();
        expect(statuses()).toEqual(['uploading']);
      });
    });
    expect(statuses()).toEqual(['completed']);
    expect(parts()).toBe(PARTS + 1);
    expectObject(fake, 'film.mp4', file);
  });

  it('retries a failed upload', () => {
    inVirtualTime(() => {
      setUp();
      fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
      const [id] = uploads.add(request());
      at(1000, () => {
        expect(uploads.rows()).toMatchObject([{ status: 'failed', snapshot: { error: { code: 'service' } } }]);
        uploads.retry(id);
      });
    });
    expect(statuses()).toEqual(['completed']);
    expectObject(fake, 'film.mp4', file);
  });

  it('aborts, removes and moves to the front; ignores unknown ids', () => {
    inVirtualTime(() => {
      setUp({ filesAtOnce: 1 });
      const [a, , c = ''] = uploads.add(['a', 'b', 'c'].map(request));
      for (const act of [uploads.pause, uploads.resume, uploads.retry, uploads.abort, uploads.remove]) act('unknown');
      at(250, () => {
        uploads.moveToFront(c);
        uploads.abort(a);
        expect(statuses()).toEqual(['uploading', 'aborted', 'waiting']);
        expect(fake.uploads().map(({ key }) => key)).toEqual(['c']);
        uploads.remove(a);
      });
    });
    expect(uploads.rows().map(({ key, status }) => [key, status])).toEqual([
      ['c', 'completed'],
      ['b', 'completed'],
    ]);
  });

  it('lists unfinished uploads of an earlier page, and discards them', () => {
    inVirtualTime(() => {
      const checkpointStore = fakeCheckpointStore();
      setUp({ checkpointStore, defaults: { lock: null } });
      uploads.add(request());
      at(250, () => {
        uploads.remove();
        expect(uploads.pending()).toMatchObject([{ checkpoint: { key: 'film.mp4' }, hasFile: false }]);
        uploads.pick(uploads.pending()[0]?.id ?? '');
        expect(uploads.notices()).toMatchObject([{ code: 'pick-failed' }]);
        uploads.dismiss();
        uploads.discard();
      });
      at(2000, () => {
        expect(uploads.pending()).toEqual([]);
        expect(uploads.notices()).toMatchObject([{ code: 'discarded' }]);
        expect(fake.uploads()).toEqual([]);
      });
    });
  });

  it('aborts requests when its injector is destroyed, keeps the parts, and sends nothing more', () => {
    inVirtualTime(() => {
      setUp();
      const token = new InjectionToken<Uploads>('uploads of a route');
      const route = createEnvironmentInjector(
        [{ provide: token, useFactory: injectUploads }],
        TestBed.inject(EnvironmentInjector),
      );
      uploads = route.get(token);
      uploads.add(request());
      at(150, () => {
        route.destroy();
        expect(fake.inFlight()).toBe(0);
        uploads.add(request('late.mp4'));
      });
    });
    expect(parts()).toBe(2);
    expect(fake.uploads()).toHaveLength(1);
    expect(fake.object('late.mp4')).toBeNull();
  });

  it('throws at once for invalid options', () => {
    expect(() => setUp({ filesAtOnce: 0 })).toThrow(InvalidOptionsError);
  });
});
