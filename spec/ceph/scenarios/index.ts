import type { World } from '../support/world.js';
import { completeTwice, listManyParts, listManyUploads } from './calls.js';
import {
  limitTraffic,
  replaceIfMatch,
  sendWhatIsNotThere,
  uploadWithChecksums,
  uploadWithHeaders,
} from './checks-and-conditions.js';
import { uploadKeysAsOnePut, uploadKeysInParts, uploadWithOptions } from './objects.js';
import { forbidOverwrite, sendSmallParts, signWithWrongClock, signWrongly } from './refusals.js';
import {
  cancelAndAbort,
  cancelAndResume,
  loseTheAnswer,
  resumeWhatIsGone,
  uploadAsOnePut,
  uploadInParts,
  uploadNothing,
} from './uploads.js';

/** Each does something at a store and reports how it went in plain JSON: in Node or in a page, by its name. */
export const scenarios = {
  uploadInParts,
  uploadAsOnePut,
  uploadNothing,
  cancelAndResume,
  cancelAndAbort,
  resumeWhatIsGone,
  loseTheAnswer,
  uploadKeysAsOnePut,
  uploadKeysInParts,
  uploadWithOptions,
  sendSmallParts,
  signWrongly,
  signWithWrongClock,
  forbidOverwrite,
  uploadWithChecksums,
  uploadWithHeaders,
  replaceIfMatch,
  limitTraffic,
  sendWhatIsNotThere,
  completeTwice,
  listManyParts,
  listManyUploads,
} satisfies Record<string, (world: World) => Promise<unknown>>;

export type Scenarios = typeof scenarios;
