import {
  bareXhr,
  bareXhrAgain,
  bareXhrInitiating,
  officialSdk,
  officialSdkHinted,
  rxObsUpload,
  rxObsUploadHinted,
  rxObsUploadWorker,
  tus,
  type Scenario,
} from '../scenario.js';
import { MIB } from '../work.js';

/** The first upload of a page: how long until its first byte is sent, and how long the page is blocked. */
export const coldPage: Scenario = {
  id: 'cold-page',
  title: '64 MiB, 9 MiB parts, 4 at once, as the first upload of a page',
  work: {
    files: 1,
    bytes: 64 * MIB,
    partSize: 9 * MIB,
    taskNum: 4,
    filesAtOnce: 1,
    checksum: 'none',
    stallTimeoutMs: null,
  },
  entrants: [
    bareXhr,
    bareXhrAgain,
    bareXhrInitiating,
    rxObsUpload,
    rxObsUploadHinted,
    rxObsUploadWorker,
    officialSdk,
    officialSdkHinted,
    tus,
  ],
  isCold: true,
  minQuickShare: 0.5,
};
