import { Observable } from 'rxjs';
import { createObsConnection, uploadFile$, type Transport } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { PART } from '../../../support/upload-world.js';
import { record, runVirtually } from '../../../support/virtual-time.js';

/** A store that responds at once, so that only the library's own subscriptions are counted. */
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

/** Uploads that many parts and returns how often the spied function was called. */
function callsOf(spy: jest.SpyInstance, key: string, parts: number, taskNum: number | 'auto'): number {
  const credentials = { accessKeyId: 'AK', secretAccessKey: 'secret' };
  const obs = createObsConnection({ server: 'https://obs.test', credentials, transport });
  const sourceFile = fakeSource({ size: parts * PART });
  const upload$ = uploadFile$(obs, { bucket: 'media', key, sourceFile, partSize: PART, taskNum });
  try {
    const events = runVirtually(() => record(upload$));
    expect(events.error).toBeUndefined();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}

describe('subscriptions per part', () => {
  it.each([
    [1, 10],
    [4, 10],
    ['auto', 12],
  ] as const)('with taskNum %s: at most %i', (taskNum, maximum) => {
    const subscriptions = (parts: number): number =>
      callsOf(jest.spyOn(Observable.prototype, 'subscribe'), 'a', parts, taskNum);
    expect((subscriptions(30) - subscriptions(10)) / 20).toBeLessThanOrEqual(maximum);
  });
});

describe('the URL of the object', () => {
  it('is not encoded again for each part', () => {
    const encodings = (parts: number): number => {
      let encoded = 0;
      const encode = globalThis.encodeURIComponent;
      const spy = jest.spyOn(globalThis, 'encodeURIComponent').mockImplementation((text) => {
        if (text === 'föhn.mp4') encoded++;
        return encode(text);
      });
      callsOf(spy, 'föhn.mp4', parts, 4);
      return encoded;
    };
    expect(encodings(10)).toBeGreaterThan(0);
    expect(encodings(30)).toBe(encodings(10));
  });
});
