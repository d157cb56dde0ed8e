import { emptyAnswer, xmlAnswer } from '../response/answer.js';
import { answerOnly, bucketOf, type Handler } from '../context.js';
import { checkBucketName } from '../rules/limits.js';
import { Refusal } from '../response/refusal.js';
import { element, elements } from '../response/xml.js';
import { byUtf8 } from './paging.js';

/** `GET /` */
export const listBuckets: Handler = {
  body: 'none',
  finish({ state, account, prefix, config }) {
    const buckets = [...state.buckets.values()]
      .sort((a, b) => byUtf8(a.name, b.name))
      .map((bucket) =>
        element('Bucket', elements({ Name: bucket.name, CreationDate: new Date(bucket.createdAt).toISOString() })),
      );
    const content = elements({ Owner: elements({ ID: account ?? '' }), Buckets: buckets });
    return answerOnly(xmlAnswer('ListAllMyBucketsResult', content, { prefix, region: config.region }));
  },
};

/** `PUT /{bucket}` */
export const createBucket: Handler = {
  body: 'text',
  check({ request, state }) {
    checkBucketName(request.bucket ?? '');
    if (state.buckets.has(request.bucket ?? '')) throw new Refusal('BucketAlreadyOwnedByYou');
  },
  finish: ({ request, now }) => ({
    answer: emptyAnswer(200, { location: `/${request.bucket ?? ''}` }),
    effects: [{ type: 'create-bucket', bucket: { name: request.bucket ?? '', createdAt: now, objects: new Map() } }],
  }),
};

/** `HEAD /{bucket}` */
export const headBucket: Handler = {
  body: 'none',
  check: (context) => void bucketOf(context),
  finish: () => answerOnly(emptyAnswer(200)),
};

/** `HEAD /{bucket}?apiversion`: how the official SDK finds out, unsigned, that it may sign as OBS does. */
export const headApiVersion: Handler = {
  body: 'none',
  check(context) {
    if (context.request.bucket !== null) bucketOf(context);
  },
  finish: () => answerOnly(emptyAnswer(200, { 'x-obs-api': '3.0' })),
};

/** `DELETE /{bucket}`, once it is empty. */
export const deleteBucket: Handler = {
  body: 'none',
  check(context) {
    const { name, objects } = bucketOf(context);
    const hasUploads = [...context.state.uploads.values()].some((upload) => upload.bucket === name);
    if (objects.size > 0 || hasUploads) throw new Refusal('BucketNotEmpty');
  },
  finish: (context) => ({
    answer: emptyAnswer(204),
    effects: [{ type: 'delete-bucket', bucket: bucketOf(context).name }],
  }),
};
