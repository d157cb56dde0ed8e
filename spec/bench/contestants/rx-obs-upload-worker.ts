import { workerConnection } from 'rx-obs-upload/worker';
import { register } from './register.js';
import { uploadAllBy } from './upload-all.js';

/** One worker a server, as a page has: the warm-up and the run share it. */
const connections = new Map<string, ReturnType<typeof workerConnection>>();

register(
  uploadAllBy((options) => {
    const known = connections.get(options.server);
    if (known !== undefined) return known;
    const connection = workerConnection(() => new Worker('/pages/upload-worker.js'), options);
    connections.set(options.server, connection);
    return connection;
  }),
);
