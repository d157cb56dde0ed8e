import { emptyAnswer } from '../response/answer.js';
import { uploadOf, type Handler } from '../context.js';

/** `DELETE /{key}?uploadId=U`: the parts are deleted. */
export const abort: Handler = {
  body: 'none',
  check: (context) => void uploadOf(context),
  finish: (context) => ({
    answer: emptyAnswer(204),
    effects: [{ type: 'abort-upload', upload: uploadOf(context) }],
  }),
};
