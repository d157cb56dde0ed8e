import 'zone.js';
import '@angular/compiler';
import { HttpBackend, HttpResponse, provideHttpClient, withNoXsrfProtection } from '@angular/common/http';
import { NgZone, type EnvironmentProviders, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import {
  createObsConnection,
  uploadFile$,
  type ObsConnection,
  type UploadEvent,
  type UploadRequest,
} from 'rx-obs-upload';
import {
  injectCredentials,
  injectObsConnection,
  injectUploads,
  provideObsConnection,
  runOutsideAngular,
} from 'rx-obs-upload/angular';
import { createFakeObs, fakeSource, type FakeObs } from 'rx-obs-upload/testing';
import { identity, lastValueFrom, of, tap, toArray, type Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { until } from '../../e2e/support/until.js';
import { PART } from '../../support/upload-world.js';
import { withoutLongTimers, workerWorld } from '../worker/worker-world.js';
import { application, injected, provideConnectionTo } from './support.js';

const PARTS = 5;
/** Progress events and timers of each request: each of them would cause a change detection in the zone of Angular. */
const STEPS = 20;
/** Three for each part; started, the first and the last progress, an empty checkpoint, completing, completed. */
const EVENTS = 3 * PARTS + 6;

const request: UploadRequest = {
  bucket: 'media',
  key: 'film.mp4',
  sourceFile: fakeSource({ size: PARTS * PART }),
  partSize: PART,
  taskNum: 2,
  progressIntervalMs: 60_000,
};

interface ZonedApplication {
  readonly fake: FakeObs;
  readonly zone: NgZone;
  readonly detections: () => number;
}

/** An application with zone.js that counts change detections; timers are real, because zone.js patches no others. */
function zonedApplication(...providers: readonly (Provider | EnvironmentProviders)[]): ZonedApplication {
  const fake = createFakeObs({ latencyMs: 1, bytesPerSecond: PART * 50, progressSteps: STEPS });
  return { fake, ...zoned(provideConnectionTo(fake), ...providers) };
}

function zoned(...providers: readonly (Provider | EnvironmentProviders)[]): Omit<ZonedApplication, 'fake'> {
  application({ provide: NgZone, useFactory: () => new NgZone({}) }, ...providers);
  const zone = TestBed.inject(NgZone);
  let count = 0;
  zone.onMicrotaskEmpty.subscribe(() => count++);
  return { zone, detections: () => count };
}

/** The counts of events and change detections of an upload that is subscribed to inside the zone. */
async function uploadInZone(
  connect: (fake: FakeObs) => ObsConnection,
  adapt: () => MonoTypeOperatorFunction<UploadEvent> = () => identity,
): Promise<{
  readonly events: number;
  readonly outside: number;
  readonly detections: number;
}> {
  const { fake, zone, detections } = zonedApplication();
  let [events, outside] = [0, 0];
  const upload$ = uploadFile$(connect(fake), request).pipe(
    injected(adapt),
    tap(() => {
      events++;
      if (!NgZone.isInAngularZone()) outside++;
    }),
  );
  const done = zone.run(() => lastValueFrom(upload$));
  await done;
  return { events, outside, detections: detections() };
}

const providedConnection = (): ObsConnection => injected(injectObsConnection);
const newConnection = ({ server, credentials, transport }: FakeObs): ObsConnection =>
  createObsConnection({ server, credentials, transport });

describe('with zone.js', () => {
  it.each([
    ['with the provided connection', () => uploadInZone(providedConnection)],
    ['with another connection and runOutsideAngular', () => uploadInZone(newConnection, runOutsideAngular)],
  ])('an upload %s causes one change detection for each of its events', async (_, upload) => {
    const { events, outside, detections } = await upload();
    expect(events).toBe(EVENTS);
    expect(outside).toBe(0);
    // One for the subscription, one for the completion.
    expect(detections).toBeLessThanOrEqual(EVENTS + 2);
  });

  it('an upload inside the zone without the operator causes many more', async () => {
    const { detections } = await uploadInZone(newConnection);
    expect(detections).toBeGreaterThan(2 * EVENTS);
  });

  it('an upload that is subscribed to outside the zone stays outside', async () => {
    const { fake, zone, detections } = zonedApplication();
    const upload$ = uploadFile$(providedConnection(), request);
    await zone.runOutsideAngular(() => lastValueFrom(upload$));
    expect(fake.object('film.mp4')).not.toBeNull();
    expect(detections()).toBe(0);
  });

  it('uploads of injectUploads run outside the zone, even if a click starts them', async () => {
    const { zone, detections } = zonedApplication();
    const uploads = injected(() => injectUploads({ filesAtOnce: 1 }));
    const [first] = zone.run(() => uploads.add(['a.mp4', 'b.mp4'].map((key) => ({ ...request, key }))));
    await until('it uploads', () => uploads.rows()[0]?.status === 'uploading');
    zone.run(() => uploads.pause(first ?? ''));
    await until('the other one is completed', () => uploads.rows()[1]?.status === 'completed');
    // Five more: both files are queued, two clicks, and a pause.
    expect(detections()).toBeLessThanOrEqual(2 * EVENTS + 5);
  });

  it('HttpClient runs inside the zone for its interceptors, and emits in the zone of the subscriber', () => {
    const calls: string[] = [];
    const log = (what: string): unknown => calls.push(`${what} ${NgZone.isInAngularZone() ? 'inside' : 'outside'}`);
    const respond = (): Observable<unknown> => {
      log('asked');
      return of(new HttpResponse({ body: {} }));
    };
    const { zone } = zonedApplication(provideHttpClient(withNoXsrfProtection()), {
      provide: HttpBackend,
      useValue: { handle: respond },
    });
    const credentials = injected(() => injectCredentials('/api/sts'));
    credentials().subscribe(() => log('answered'));
    zone.run(() => credentials().subscribe(() => log('answered')));
    expect(calls).toEqual(['asked inside', 'answered outside', 'asked inside', 'answered inside']);
  });

  describe('uploads in a worker', () => {
    withoutLongTimers();

    it('run outside the zone too: only events cause change detections, not messages', async () => {
      const { fake, obs, workers } = workerWorld();
      const { zone, detections } = zoned(provideObsConnection(() => obs));
      const upload$ = uploadFile$(providedConnection(), {
        ...request,
        bucket: fake.bucket,
        sourceFile: new Blob([new Uint8Array(PARTS * PART)]),
        lock: null,
        progressIntervalMs: 0,
      });
      const events = await zone.run(() => lastValueFrom(upload$.pipe(toArray())));
      expect(events.at(-1)?.type).toBe('completed');
      expect(workers).toHaveLength(1);
      expect(detections()).toBeLessThanOrEqual(events.length + 2);
    });
  });
});
