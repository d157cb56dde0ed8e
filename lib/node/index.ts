export { fileSource$ } from './file-source.js';
export { directoryCheckpointStore } from './directory-checkpoint-store.js';
