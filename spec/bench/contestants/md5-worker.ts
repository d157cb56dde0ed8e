import { serveMd5 } from 'rx-obs-upload/worker';

// The bundle of a page names it; it is no contestant.
serveMd5();
