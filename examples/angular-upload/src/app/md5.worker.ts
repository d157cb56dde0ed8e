import { serveMd5 } from 'rx-obs-upload/worker';

serveMd5();
