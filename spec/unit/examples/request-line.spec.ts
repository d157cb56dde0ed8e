import type { RequestRecord } from 'rx-obs-upload';
import { readSettings } from '../../../examples/node-cli/read-settings.js';
import { requestLine } from '../../../examples/node-cli/request-line.js';

const part: RequestRecord = {
  operation: 'uploadPart',
  partNumber: 3,
  attempt: 1,
  status: 200,
  requestId: '0A1B',
  sentBytes: 9 * 1024 * 1024,
  queuedMs: 0,
  durationMs: 811.6,
  errorCode: null,
};

describe('the line that --verbose prints for a request', () => {
  it.each([
    [{}, 'uploadPart 3: 200, 9.0 MiB in 812 ms, id 0A1B'],
    [
      { attempt: 2, queuedMs: 39.9 },
      'uploadPart 3, attempt 2: 200, 9.0 MiB in 812 ms after 40 ms in the queue, id 0A1B',
    ],
    [{ status: 503, errorCode: 'service' }, 'uploadPart 3: 503 service, 9.0 MiB in 812 ms, id 0A1B'],
    [
      { status: null, requestId: null, errorCode: 'aborted', sentBytes: 512 },
      'uploadPart 3: aborted, 512 bytes in 812 ms',
    ],
    [
      { operation: 'initiateMultipartUpload', partNumber: null, sentBytes: 0 },
      'initiateMultipartUpload: 200, in 812 ms, id 0A1B',
    ],
  ] as const)('of %j', (fields, line) => {
    expect(requestLine({ ...part, ...fields })).toBe(line);
  });

  it('is printed only if --verbose is given', () => {
    const env = { OBS_SERVER: 'https://obs.test', OBS_BUCKET: 'b', OBS_ACCESS_KEY_ID: 'a', OBS_SECRET_ACCESS_KEY: 's' };
    expect(readSettings(['a.bin'], env)?.verbose).toBe(false);
    expect(readSettings(['a.bin', '--verbose'], env)?.verbose).toBe(true);
  });
});
