import { workerHasher } from 'rx-obs-upload/worker';
import { hashingBy } from './hashing.js';
import { register } from './register.js';

register(hashingBy(workerHasher({ createWorker: () => new Worker('/pages/md5-worker.js') })));
