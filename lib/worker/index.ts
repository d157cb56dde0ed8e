export { workerConnection } from './uploads/worker-connection.js';
export { serveUploads } from './uploads/serve-uploads.js';
export { workerHasher } from './worker-hasher.js';
export { serveMd5 } from './serve-md5.js';

export type { UploadWorker, WorkerConnectionOptions } from './uploads/worker-connection.js';
export type { ChannelEnd } from './uploads/channel.js';
export type { WorkerHasherOptions } from './worker-hasher.js';
export type { HashScope } from './serve-md5.js';
export type { HashRequest, HashReply } from './digest-by.js';
export type { Hasher } from '../ports/hash/hasher.js';
