import type { Handler } from '../context.js';
import type { ObsOperation } from '../request/request.js';
import { abort } from './abort.js';
import { createBucket, deleteBucket, headApiVersion, headBucket, listBuckets } from './buckets.js';
import { complete } from './complete.js';
import { deleteObject } from './delete-object.js';
import { getObject, headObject } from './get-object.js';
import { initiate } from './initiate.js';
import { listObjects } from './list-objects.js';
import { listParts } from './list-parts.js';
import { listUploads } from './list-uploads.js';
import { putObject } from './put-object.js';
import { uploadPart } from './upload-part.js';

/** Everything that the fake OBS can do. */
export const handlers: Readonly<Record<Exclude<ObsOperation, 'preflight'>, Handler>> = {
  initiateMultipartUpload: initiate,
  uploadPart,
  listParts,
  completeMultipartUpload: complete,
  abortMultipartUpload: abort,
  listMultipartUploads: listUploads,
  putObject,
  getObject,
  headObject,
  deleteObject,
  listObjects,
  listBuckets,
  createBucket,
  headBucket,
  headApiVersion,
  deleteBucket,
};
