import { createObsConnection, createSignedUrl, uploadFile$, type ObsCredentials } from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { of } from 'rxjs';
import { runInNewContext } from 'node:vm';
import { readExpiry } from '../../../lib/signing/expiry.js';
import { PART } from '../../support/upload-world.js';
import { record, runVirtually } from '../../support/virtual-time.js';

const MS = Date.parse('2031-05-06T07:08:09Z');
const now = Date.parse('2031-05-06T06:00:00Z');

describe('an expiry time', () => {
  it.each<[name: string, value: unknown]>([
    ['epoch milliseconds', MS],
    ['epoch seconds', MS / 1000],
    ['epoch seconds as text', String(MS / 1000)],
    ['epoch milliseconds as text', String(MS)],
    ['ISO 8601 text', '2031-05-06T07:08:09Z'],
    ['ISO 8601 text as Huawei Cloud writes it', '2031-05-06T07:08:09.000000Z'],
    ['ISO 8601 text of another zone', '2031-05-06T15:08:09+08:00'],
    ['RFC 822 text', 'Tue, 06 May 2031 07:08:09 GMT'],
    ['a Date', new Date(MS)],
    ['a Date of another realm', runInNewContext(`new Date(${MS})`)],
  ])('is read: %s', (_, value) => {
    expect(readExpiry(value, now)).toBe(MS);
  });

  it.each([undefined, null, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])('is absent: %p', (value) => {
    expect(readExpiry(value, now)).toBeNull();
  });

  it.each<unknown>([
    3600,
    900_000,
    '3600',
    MS * 1000,
    Number.NaN,
    'soon',
    '2031-05-06',
    '2031-05-06T07:08:09',
    new Date(Number.NaN),
    {},
    true,
    '',
  ])('is not guessed from %p', (value) => {
    expect(readExpiry(value, now)).toBeUndefined();
  });

  it('is in milliseconds in virtual time', () => {
    expect(readExpiry(60_000, 0)).toBe(60_000);
  });
});

describe('credentials that expire', () => {
  const upload = (expiresAt: unknown) => {
    const fake = createFakeObs();
    const { server, transport, bucket } = fake;
    let calls = 0;
    const credentials = () => {
      calls++;
      return of({ ...fake.credentials, expiresAt } as ObsCredentials);
    };
    const obs = createObsConnection({ server, transport, credentials });
    const request = { bucket, key: 'a', sourceFile: fakeSource({ size: 5 * PART }), partSize: PART };
    const events = runVirtually(() => record(uploadFile$(obs, request)));
    return { events, calls, log: fake.log };
  };

  it.each<unknown>([MS, MS / 1000, '2031-05-06T07:08:09Z', new Date(MS)])('are fetched once with %p', (expiresAt) => {
    const { events, calls } = upload(expiresAt);
    expect(events.values.at(-1)).toMatchObject({ type: 'completed' });
    expect(calls).toBe(1);
  });

  it.each<unknown>(['soon', '2031-05-06T07:08:09', Number.NaN])(
    'are refused with %p, and the error names the unit',
    (expiresAt) => {
      const { events, calls, log } = upload(expiresAt);
      expect(events.error).toMatchObject({ code: 'credentials', retryable: false });
      expect((events.error as Error).message).toMatch(/expiresAt.*epoch milliseconds/);
      expect(calls).toBe(1);
      expect(log).toHaveLength(0);
    },
  );

  it('are refused with a duration, in real time', async () => {
    const { server, transport, credentials, bucket } = createFakeObs();
    const obs = createObsConnection({ server, transport, credentials: () => of({ ...credentials, expiresAt: 3600 }) });
    const request = { bucket, key: 'a', sourceFile: fakeSource({ size: 1 }) };
    const error = await new Promise((resolve) => {
      uploadFile$(obs, request).subscribe({ error: resolve, complete: () => resolve(null) });
    });
    expect((error as Error).message).toMatch(/it is 3600.*Epoch seconds/);
  });

  it('may be returned without an Observable', () => {
    const { server, transport, credentials, bucket } = createFakeObs();
    const obs = createObsConnection({ server, transport, credentials: () => credentials as never });
    const request = { bucket, key: 'a', sourceFile: fakeSource({ size: 1 }) };
    expect(runVirtually(() => record(uploadFile$(obs, request))).values.at(-1)).toMatchObject({ type: 'completed' });
  });

  it('limit the expiry of a signed URL, also if they expire at epoch seconds', () => {
    const { server, credentials } = createFakeObs();
    const put = { server, method: 'PUT', bucket: 'media', key: 'a', expiresInSeconds: 3600 } as const;
    const requestDate = new Date(MS - 1000_000);
    const sign = (expiresAt: unknown) =>
      createSignedUrl({ ...put, requestDate, credentials: { ...credentials, expiresAt } as ObsCredentials });
    expect(sign(MS / 1000).expiresAt).toBe(MS);
    expect(() => sign('soon')).toThrow(expect.objectContaining({ option: 'credentials.expiresAt' }));
  });

  it('are refused at once if they are not a function', () => {
    const { server, credentials } = createFakeObs();
    const wrong = { ...credentials, expiresAt: 'soon' } as unknown as ObsCredentials;
    expect(() => createObsConnection({ server, credentials: wrong })).toThrow(
      expect.objectContaining({ option: 'credentials.expiresAt' }),
    );
  });
});
