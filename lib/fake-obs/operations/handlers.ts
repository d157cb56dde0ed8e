import type { Handler } from '../context.js';
import type { ObsOperation } from '../request/request.js';
import { abort, initiate, uploadPart } from './upload.js';
import { createBucket, deleteBucket, headApiVersion, headBucket, listBuckets } from './buckets.js';
import { complete } from './complete.js';
import { deleteObject, getObject, headObject, putObject } from './object.js';
import { listObjects } from './list-objects.js';
import { listParts, listUploads } from './list-uploads.js';

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
