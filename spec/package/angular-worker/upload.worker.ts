import { serveUploads } from 'rx-obs-upload/worker';

serveUploads();
