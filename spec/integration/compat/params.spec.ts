import { on, type FakeObs, type ObsRequest } from 'rx-obs-upload/testing';
import type { UploadFileParams } from 'rx-obs-upload/compat';
import { clientWorld, PART, recordOf, run, typesOf } from './support/client-world.js';

const GIB = 1024 ** 3;

describe('PartSize is corrected as in the official SDK', () => {
  it.each<[UploadFileParams['PartSize'], number, number]>([
    [undefined, 5, 9 * 1024 * 1024],
    [Number.NaN, 5, 9 * 1024 * 1024],
    ['film', 5, 9 * 1024 * 1024],
    [102_399, 5, 9 * 1024 * 1024],
    [102_400, 5, 102_400],
    ['102400.7', 5, 102_400],
    [150_000.9, 5, 150_000],
    [6 * GIB, 5, 5 * GIB],
    // 10,000 parts are enough: one byte more makes each part larger by one.
    [102_400, 102_400 * 10_000, 102_400],
    [102_400, 102_400 * 10_000 + 1, 102_401],
  ])('%s for a file of %i bytes is %i', (PartSize, size, expected) => {
    const world = clientWorld({}, size);
    const upload = run(world.client, world.params({ PartSize, ResumeCallback: (hook) => hook.cancel() }));
    expect(recordOf(upload).partSize).toBe(expected);
    expect(recordOf(upload).partCount).toBe(Math.max(1, Math.ceil(size / expected)));
  });
});

describe('TaskNum and PartRetryNum', () => {
  it.each([
    [undefined, 1],
    [0, 1],
    [3, 3],
    ['3', 3],
  ])('TaskNum %s: at most %i concurrent parts', (TaskNum, expected) => {
    const world = clientWorld({}, 8 * PART);
    run(world.client, world.params({ TaskNum }));
    expect(world.fake.maxInFlight('uploadPart')).toBe(expected);
  });

  it.each([
    [undefined, 1],
    [0, 1],
    [2, 3],
    ['2', 3],
  ])('PartRetryNum %s: %i attempts', (PartRetryNum, attempts) => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 1, times: Infinity }).respond(500)] });
    const upload = run(world.client, world.params({ TaskNum: 1, PartRetryNum }));
    expect(world.fake.arrivals('uploadPart', 1)).toHaveLength(attempts);
    expect(typesOf(upload).filter((type) => type === 'uploadPartFailed')).toHaveLength(1);
  });

  it('retries a throttled part within PartRetryNum', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 1 }).respond(429, 'TooManyRequests')] });
    expect(run(world.client, world.params({ PartRetryNum: 1 })).outcomes).toMatchObject([{ error: null }]);
  });
});

describe('other parameters', () => {
  it('sends each part with its MD5 with VerifyMd5: true', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 2 }).respond(400, 'BadDigest')] });
    const upload = run(world.client, world.params({ VerifyMd5: true }));
    const sums = world.fake.arrivals('uploadPart').map(({ headers }) => headers['content-md5']);
    expect(sums.every((sum) => /^.{22}==$/.test(sum ?? ''))).toBe(true);
    // Failed, not aborted, because a retry can help if a part arrived corrupted.
    expect(typesOf(upload).at(-1)).toBe('uploadPartFailed');
  });

  it('sends CallbackUrl, encoded or not, and ForbidOverwrite', () => {
    for (const CallbackUrl of ['http://a.test/x?y=1;http://b.test', 'http%3A%2F%2Fa.test%2Fx%3Fy%3D1;http://b.test']) {
      const { fake, client, params } = clientWorld();
      run(
        client,
        params({ CallbackUrl, CallbackBody: 'b', CallbackBodyType: 'application/json', ForbidOverwrite: true }),
      );
      const [{ headers } = { headers: {} }] = fake.arrivals('completeMultipartUpload');
      const callback = JSON.parse(atob((headers as Record<string, string>)['x-obs-callback'] ?? '')) as object;
      expect(callback).toEqual({
        callbackUrl: 'http%3A%2F%2Fa.test%2Fx%3Fy%3D1;http%3A%2F%2Fb.test',
        callbackBody: 'b',
        callbackBodyType: 'application/json',
      });
      expect(headers).toMatchObject({ 'x-obs-forbid-overwrite': 'true' });
    }
  });

  it('ignores empty strings', () => {
    const world = clientWorld();
    const empty = {
      ACL: '',
      StorageClass: '',
      ContentType: '',
      Expires: '',
      SseC: '',
      SseCKey: '',
      SseKms: '',
      CallbackUrl: '',
    };
    const upload = run(world.client, world.params(empty as object));
    expect(upload.outcomes).toMatchObject([{ error: null }]);
    expect(world.fake.object('film.mp4')?.headers['content-type']).toBe('video/mp4');
  });

  it.each([
    ['CallbackBody', { CallbackUrl: 'http://a.test' }],
    ['CallbackUrl', { CallbackBody: 'b' }],
    ['CallbackBodyType', { CallbackUrl: 'http://a.test', CallbackBody: 'b', CallbackBodyType: 'text/plain' }],
    ['StorageClass', { StorageClass: 'LUKEWARM' }],
    ['Expires', { Expires: 'soon' }],
    ['Metadata', { Metadata: { 'a b': 'c' } }],
    ['RequestDate', { RequestDate: 'yesterday' }],
    ['SseKms', { SseKms: 'rot13' }],
    ['SseC', { SseC: 'AES128', SseCKey: 'x'.repeat(32) }],
    ['SseCKey', { SseC: 'AES256' }],
    ['SseCKey', { SseC: 'AES256', SseCKey: 'too short' }],
    ['SseCKey', { SseC: 'AES256', SseCKey: '中'.repeat(32) }],
    ['PartRetryNum', { PartRetryNum: -1 }],
    ['TaskNum', { TaskNum: 1.5 }],
    ['Bucket', { Bucket: 'a' }],
    ['Key', { Key: '' }],
    ['SourceFile', { SourceFile: {} }],
  ])('names an invalid parameter, and sends nothing: %s', (name, params) => {
    const world = clientWorld();
    const [outcome] = run(world.client, world.params(params as object)).outcomes;
    expect(outcome?.error).toMatchObject({ code: 'invalid-options', message: expect.stringMatching(`^${name}\\b`) });
    expect(world.fake.log).toHaveLength(0);
  });

  it('reports no progress before anything is sent, and never decreases it', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 2 }).reset({ afterBytes: 80_000 })] });
    const { progress } = run(world.client, world.params({ PartRetryNum: 1 }));
    expect(progress[0]?.[0]).toBeGreaterThan(0);
    progress.forEach(([bytes, total, seconds], i) => {
      expect(bytes).toBeGreaterThanOrEqual(progress[i - 1]?.[0] ?? 0);
      expect(total).toBe(world.file.size);
      expect(seconds).toBeGreaterThanOrEqual(progress[i - 1]?.[2] ?? 0);
    });
    expect(progress.at(-1)?.[0]).toBe(world.file.size);
  });
});

describe('the other calls', () => {
  const call = async (
    makeCall: (world: ReturnType<typeof clientWorld>) => Promise<unknown>,
  ): Promise<[unknown, FakeObs]> => {
    const world = clientWorld({ latencyMs: 0, bytesPerSecond: null });
    return [await makeCall(world).catch((error: unknown) => error), world.fake];
  };

  it.each([
    ['UploadId', { UploadId: '' }],
    ['PartNumber', { PartNumber: 0 }],
    ['PartNumber', { PartNumber: 10_001 }],
    ['Body', { Body: 'x', SourceFile: new Blob(['x']) }],
    ['ContentMD5', { ContentMD5: 'd41d8cd98f00b204e9800998ecf8427e' }],
    ['SourceFile', { SourceFile: 'film.mp4' as unknown as Blob }],
  ])('uploadPart names an invalid %s', async (name, params) => {
    const [error, fake] = await call(({ client }) =>
      client.uploadPart({ Bucket: 'media', Key: 'a', UploadId: 'id', PartNumber: 1, ...params }),
    );
    expect(error).toMatchObject({ code: 'invalid-options', message: expect.stringMatching(`^${name}\\b`) });
    expect(fake.log).toHaveLength(0);
  });

  it.each([
    ['MaxParts', { MaxParts: 1001 }],
    ['PartNumberMarker', { PartNumberMarker: 'x' }],
  ])('listParts names an invalid %s', async (name, params) => {
    const [error] = await call(({ client }) =>
      client.listParts({ Bucket: 'media', Key: 'a', UploadId: 'id', ...params }),
    );
    expect(error).toMatchObject({ code: 'invalid-options', message: expect.stringMatching(`^${name}\\b`) });
  });

  it('completeMultipartUpload treats an error in a 200 as an error', async () => {
    const [error] = await call(({ client, fake }) => {
      fake.addFaults(on('completeMultipartUpload').errorIn200());
      return client.completeMultipartUpload({ Bucket: 'media', Key: 'a', UploadId: 'id', Parts: [] });
    });
    expect(error).toMatchObject({ code: 'service', serviceCode: 'InternalError', status: 200 });
  });

  it('reject on a network error', async () => {
    const [error] = await call(({ client, fake }) => {
      fake.addFaults(on('any').reset());
      return client.getObjectMetadata({ Bucket: 'media', Key: 'a' });
    });
    expect(error).toMatchObject({ name: 'ObsClientError', code: 'network' });
  });

  it('use the date of RequestDate', async () => {
    const skewed = new Date(Date.now() - 60 * 60_000);
    const startedAt = performance.now();
    const [, fake] = await call(({ client }) =>
      client.getObjectMetadata({ Bucket: 'media', Key: 'a', RequestDate: skewed }),
    );
    // The clock starts at RequestDate and has whole seconds.
    const sentAt = Date.parse(fake.log[0]?.headers['x-obs-date'] ?? '');
    expect(sentAt).toBeGreaterThan(skewed.getTime() - 1000);
    expect(sentAt).toBeLessThanOrEqual(skewed.getTime() + performance.now() - startedAt);
  });

  it('list uploads with a delimiter', async () => {
    const body =
      '<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>' +
      '<CommonPrefixes><Prefix>a%20b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>' +
      '</ListMultipartUploadsResult>';
    const hasDelimiter = ({ query }: ObsRequest): boolean =>
      query.some(([name, value]) => name === 'delimiter' && value === '/');
    const [result] = await call((world) => {
      world.fake.addFaults(on('listMultipartUploads', { when: hasDelimiter }).respond(200, null, { body }));
      return world.client.listMultipartUploads({ Bucket: 'media', Delimiter: '/' });
    });
    expect(result).toMatchObject({
      InterfaceResult: { Uploads: [], Delimiter: '/', CommonPrefixes: [{ Prefix: 'a b/' }, { Prefix: 'c/' }] },
    });
  });
});
