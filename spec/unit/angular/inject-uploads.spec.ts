import { createEnvironmentInjector, EnvironmentInjector, InjectionToken } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { abortUpload$, InvalidOptionsError, type UploadRequest } from 'rx-obs-upload';
import { injectObsConnection, injectUploads, type Uploads } from 'rx-obs-upload/angular';
import { createFakeObs, fakeSource, on, type FakeObs, type FakeSource } from 'rx-obs-upload/testing';
import { expectObject, PART } from '../../support/upload-world.js';
import { at, inVirtualTime, record } from '../../support/virtual-time.js';
import { application, injected, provideConnectionTo } from './support.js';

const PARTS = 4;

describe('injectUploads', () => {
  let fake: FakeObs;
  let file: FakeSource;
  let uploads: Uploads;

  /** A part takes 100 ms. */
  function begin(options?: Parameters<typeof injectUploads>[0]): void {
    fake = createFakeObs({ bytesPerSecond: PART * 10 });
    file = fakeSource({ name: 'film.mp4', size: PARTS * PART });
    application(provideConnectionTo(fake));
    uploads = injected(() => injectUploads(options));
  }

  const request = (key = 'film.mp4'): UploadRequest => ({ bucket: 'media', key, sourceFile: file, partSize: PART });
  const statuses = (): string[] => uploads.files().map(({ upload }) => upload.status);
  const parts = (): number => fake.arrivals('uploadPart').length;

  it('uploads, and tells of it in signals', () => {
    inVirtualTime(() => {
      begin();
      expect(uploads.snapshot()).toMatchObject({ files: [], totalBytes: 0 });
      const id = uploads.start(request());
      expect(uploads.files()).toMatchObject([{ id, upload: { totalBytes: PARTS * PART } }]);
      at(150, () => expect(uploads.snapshot()).toMatchObject({ counts: { uploading: 1 }, fraction: 1 / PARTS }));
    });
    expect(uploads.files()).toMatchObject([
      { upload: { status: 'completed', fraction: 1, result: { key: 'film.mp4' } } },
    ]);
    expectObject(fake, 'film.mp4', file);
  });

  it('pauses at once and goes on with what is missing', () => {
    inVirtualTime(() => {
      begin();
      const id = uploads.start(request());
      at(250, () => {
        uploads.pause(id);
        expect(statuses()).toEqual(['paused']);
        expect(fake.inFlight()).toBe(0);
        expect(uploads.files()[0]?.upload.checkpoint?.parts).toHaveLength(2);
      });
      at(1000, () => {
        expect(parts()).toBe(3);
        uploads.resume(id);
        expect(statuses()).toEqual(['uploading']);
      });
    });
    expect(statuses()).toEqual(['completed']);
    expect(parts()).toBe(PARTS + 1);
    expectObject(fake, 'film.mp4', file);
  });

  it('goes on with one that has failed', () => {
    inVirtualTime(() => {
      begin();
      fake.addFaults(on('uploadPart', { partNumber: 3 }).respond(403, 'AccessDenied'));
      const id = uploads.start(request());
      at(1000, () => {
        expect(uploads.files()).toMatchObject([{ upload: { status: 'failed', error: { code: 'service' } } }]);
        uploads.resume(id);
      });
    });
    expect(statuses()).toEqual(['completed']);
    expectObject(fake, 'film.mp4', file);
  });

  it('takes one that is cancelled off the list, and gives its checkpoint to who wants to delete its parts', () => {
    inVirtualTime(() => {
      begin();
      const id = uploads.start(request());
      at(250, () => {
        const checkpoint = uploads.cancel(id);
        expect(uploads.files()).toEqual([]);
        expect(fake.inFlight()).toBe(0);
        expect(fake.uploads()).toHaveLength(1);
        if (checkpoint === null) throw new Error('There is no checkpoint.');
        record(abortUpload$(injected(injectObsConnection), checkpoint));
        uploads.resume(id);
      });
    });
    expect(uploads.files()).toEqual([]);
    expect(fake.uploads()).toEqual([]);
  });

  it('passes over ids that it does not know, and what cannot be gone on with', () => {
    inVirtualTime(() => {
      begin();
      const id = uploads.start(request());
      for (const act of [uploads.pause, uploads.resume, uploads.cancel]) act('of another');
      at(50, () => uploads.resume(id));
      at(1000, () => uploads.resume(id));
      at(1100, () => uploads.pause(id));
    });
    expect(statuses()).toEqual(['completed']);
    expect(parts()).toBe(PARTS);
  });

  it('uploads so many files at once as it is told; the others have their turn', () => {
    inVirtualTime(() => {
      begin({ filesAtOnce: 1 });
      const first = uploads.start(request('a.mp4'));
      uploads.start(request('b.mp4'));
      at(150, () => {
        expect(statuses()).toEqual(['uploading', 'waiting']);
        uploads.pause(first);
        expect(statuses()[0]).toBe('paused');
      });
      at(250, () => expect(statuses()).toEqual(['paused', 'uploading']));
      at(2000, () => uploads.resume(first));
    });
    expect(statuses()).toEqual(['completed', 'completed']);
  });

  it('ends with the injector: requests are aborted, parts stay, nothing is sent any more', () => {
    inVirtualTime(() => {
      begin();
      const token = new InjectionToken<Uploads>('uploads of a route');
      const route = createEnvironmentInjector(
        [{ provide: token, useFactory: injectUploads }],
        TestBed.inject(EnvironmentInjector),
      );
      uploads = route.get(token);
      uploads.start(request());
      at(150, () => {
        route.destroy();
        expect(fake.inFlight()).toBe(0);
        uploads.start(request('late.mp4'));
      });
    });
    expect(parts()).toBe(2);
    expect(fake.uploads()).toHaveLength(1);
    expect(fake.object('late.mp4')).toBeNull();
  });

  it('refuses bad options at once', () => {
    expect(() => begin({ filesAtOnce: 0 })).toThrow(InvalidOptionsError);
  });
});
