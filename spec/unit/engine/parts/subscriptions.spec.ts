import { Observable } from 'rxjs';
import { createObsConnection, uploadFile$, type Transport } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { PART } from '../../../support/upload-world.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

/** A store that responds at once, so that nothing is counted but the library's own subscriptions. */
const transport: Transport = {
  reportsProgress: true,
  send: ({ method, url }) =>
    new Observable((subscriber) => {
      const isComplete = method === 'POST' && !url.endsWith('?uploads');
      const root = isComplete ? 'CompleteMultipartUploadResult' : 'InitiateMultipartUploadResult';
      const body = method === 'POST' ? `<${root}><UploadId>U</UploadId><ETag>"e"</ETag></${root}>` : '';
      subscriber.next({ type: 'upload-progress', loadedBytes: PART });
      subscriber.next({ type: 'response', response: { status: 200, headers: { etag: '"e"' }, body } });
      subscriber.complete();
    }),
};

/** How often anything is subscribed to while a file of that many parts is uploaded. */
function subscriptions(parts: number, taskNum: number | 'auto'): number {
  const credentials = { accessKeyId: 'AK', secretAccessKey: 'secret' };
  const obs = createObsConnection({ server: 'https://obs.test', credentials, transport });
  const sourceFile = fakeSource({ size: parts * PART });
  const upload$ = uploadFile$(obs, { bucket: 'media', key: 'a', sourceFile, partSize: PART, taskNum });
  const subscribe = jest.spyOn(Observable.prototype, 'subscribe');
  try {
    const events = runVirtually(() => record(upload$));
    expect(events.error).toBeUndefined();
    return subscribe.mock.calls.length;
  } finally {
    subscribe.mockRestore();
  }
}

describe('subscriptions a part', () => {
  it.each([
    [1, 10],
    [4, 10],
    ['auto', 12],
  ] as const)('with taskNum %s: at most %i', (taskNum, most) => {
    const perPart = (subscriptions(30, taskNum) - subscriptions(10, taskNum)) / 20;
    expect(perPart).toBeLessThanOrEqual(most);
  });
});
