import type { World } from '../support/world.js';
import { completeTwice, listManyParts, listManyUploads } from './calls.js';
import {
  limitTraffic,
  replaceIfMatch,
  skipExistingObjects,
  uploadWithChecksums,
  uploadWithHeaders,
} from './checks-and-conditions.js';
import { uploadKeysAsOnePut, uploadKeysInParts, uploadWithOptions } from './objects.js';
import { forbidOverwrite, sendSmallParts, signWithWrongClock, signWithWrongSecret } from './refusals.js';
import {
  cancelAndAbort,
  cancelAndResume,
  loseResponseOfComplete,
  resumeAbortedUpload,
  uploadAsOnePut,
  uploadInParts,
  uploadNothing,
} from './uploads.js';

/** Each runs against a store, in Node or by its name in a page, and reports the outcome as plain JSON. */
export const scenarios = {
  uploadInParts,
  uploadAsOnePut,
  uploadNothing,
  cancelAndResume,
  cancelAndAbort,
  resumeAbortedUpload,
  loseResponseOfComplete,
  uploadKeysAsOnePut,
  uploadKeysInParts,
  uploadWithOptions,
  sendSmallParts,
  signWithWrongSecret,
  signWithWrongClock,
  forbidOverwrite,
  uploadWithChecksums,
  uploadWithHeaders,
  replaceIfMatch,
  limitTraffic,
  skipExistingObjects,
  completeTwice,
  listManyParts,
  listManyUploads,
} satisfies Record<string, (world: World) => Promise<unknown>>;

export type Scenarios = typeof scenarios;
