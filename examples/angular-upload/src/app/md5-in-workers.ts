import { workerHasher } from 'rx-obs-upload/worker';

/** The Angular CLI bundles workers of the application's own code alone. */
export const md5InWorkers: ReturnType<typeof workerHasher> = workerHasher({
  createWorker: () => new Worker(new URL('./md5.worker', import.meta.url), { type: 'module' }),
});
