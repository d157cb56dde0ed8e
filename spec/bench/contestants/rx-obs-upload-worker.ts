import { workerConnection } from 'rx-obs-upload/worker';
import { register } from './register.js';
import { uploadAllBy } from './upload-all.js';

/** One worker per server, as in a page: the warm-up and the run share it. */
const connections = new Map<string, ReturnType<typeof workerConnection>>();

register(
  uploadAllBy((options) => {
    const existing = connections.get(options.server);
    if (existing !== undefined) return existing;
    const connection = workerConnection(() => new Worker('/pages/upload-worker.js'), options);
    connections.set(options.server, connection);
    return connection;
  }),
);
