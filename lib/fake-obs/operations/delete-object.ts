import { emptyAnswer } from '../response/answer.js';
import { bucketOf, keyOf, type Handler } from '../context.js';

/** `DELETE /{key}`: 204 whether or not the object was there. */
export const deleteObject: Handler = {
  body: 'none',
  check: (context) => void bucketOf(context),
  finish(context) {
    const object = bucketOf(context).objects.get(keyOf(context));
    return { answer: emptyAnswer(204), effects: object === undefined ? [] : [{ type: 'delete-object', object }] };
  },
};
