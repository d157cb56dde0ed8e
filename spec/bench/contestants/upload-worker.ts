import { serveUploads } from 'rx-obs-upload/worker';

// The bundle of a page names it; it is no contestant.
serveUploads();
