import { serveUploads } from 'rx-obs-upload/worker';

// Started by the bundle of a page; not a contestant.
serveUploads();
