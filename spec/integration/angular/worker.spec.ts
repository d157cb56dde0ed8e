import '@angular/compiler';
import { injectUploads, provideObsConnection } from 'rx-obs-upload/angular';
import { chunks, expectStored, PART, until, withoutLongTimers, workerWorld } from '../worker/worker-world.js';
import { application, injected } from './support.js';

withoutLongTimers();

describe('workerConnection in Angular', () => {
  it.each([
    ['as a value', false],
    ['by a function', true],
  ])('is provided %s, and injectUploads uploads in the worker', async (_, isFunction) => {
    const world = workerWorld();
    const { fake, obs, workers } = world;
    application(provideObsConnection(isFunction ? () => obs : obs));
    const uploads = injected(() => injectUploads({ defaults: { bucket: fake.bucket, partSize: PART, lock: null } }));
    const bytes = chunks(35);
    uploads.add({ key: 'film.mp4', sourceFile: new Blob(bytes.map((chunk) => new Uint8Array(chunk))) });
    await until(() => uploads.rows()[0]?.status === 'completed');
    expectStored(world, bytes, 'film.mp4');
    expect(workers).toHaveLength(1);
  });
});
