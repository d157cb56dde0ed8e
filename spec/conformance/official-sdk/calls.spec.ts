import { on, type FaultRule } from 'rx-obs-upload/server';
import { withFixedClock } from '../../support/with-fixed-clock.js';
import { withoutThisRun } from '../../integration/compat/support/comparable.js';
import {
  fileOf,
  film,
  PART,
  sha256,
  withBoth,
  type ResultLike,
  type Side,
} from '../../integration/compat/support/both.js';

const Bucket = 'media';
const Key = 'a/film +.mp4';
const bytes = film(2 * PART + 500);

/** Makes one call with a callback. */
function call({ client }: Side, method: string, params: object): Promise<ResultLike> {
  return new Promise((resolve, reject) => {
    client[method]?.({ Bucket, Key, ...params }, (error, result) => {
      if (error) reject(error instanceof Error ? error : new Error('no Error'));
      else resolve(result as ResultLike);
    });
  });
}

async function initiate(side: Side, params: object = {}): Promise<string> {
  const { InterfaceResult } = await call(side, 'initiateMultipartUpload', params);
  return String(InterfaceResult?.UploadId);
}

async function uploadTwoParts(side: Side): Promise<{ UploadId: string; Parts: object[] }> {
  const UploadId = await initiate(side);
  const SourceFile = fileOf(bytes);
  const parts = [
    { PartNumber: 2, SourceFile, Offset: PART },
    { PartNumber: 1, SourceFile, PartSize: PART },
  ];
  const Parts: object[] = [];
  for (const part of parts) {
    const { InterfaceResult } = await call(side, 'uploadPart', { UploadId, ...part });
    Parts.push({ PartNumber: part.PartNumber, ETag: InterfaceResult?.ETag });
  }
  return { UploadId, Parts };
}

/** Expects equal results of both, except for what differs in each run. */
async function expectSame(
  scenario: (side: Side) => Promise<unknown>,
  faults?: () => readonly FaultRule[],
): Promise<void> {
  const results = await withBoth(async (side) => {
    const result = await scenario(side);
    return withoutThisRun(result, side.server, side.server.control.state.uploads.keys().next().value);
  }, faults);
  expect(results.ours).toEqual(results.official);
}

describe('compared with the official SDK: the multipart calls', () => {
  it('initiates an upload', async () => {
    await expectSame((side) =>
      call(side, 'initiateMultipartUpload', { Metadata: { owner: 'me' }, CacheControl: 'no-store' }),
    );
    await expectSame((side) => call(side, 'initiateMultipartUpload', { Bucket: 'missing' }));
  });

  it('initiates an upload with the same options', async () => {
    const options = {
      ACL: 'private',
      StorageClass: 'COLD',
      Tags: 'a=1&b=50%',
      ContentDisposition: 'inline',
      Expires: 3,
    };
    const { official, ours } = await withBoth(async (side) => {
      const UploadId = await initiate(side, options);
      return side.server.control.state.uploads.get(UploadId)?.headers;
    });
    expect(ours).toEqual(official);
  });

  it('uploads a part: a slice of a file, or a string', async () => {
    await expectSame(async (side) => {
      const UploadId = await initiate(side);
      return call(side, 'uploadPart', {
        UploadId,
        PartNumber: 1,
        SourceFile: fileOf(bytes),
        Offset: 7,
        PartSize: PART,
      });
    });
    await expectSame(async (side) => {
      const UploadId = await initiate(side);
      return call(side, 'uploadPart', { UploadId, PartNumber: '1', Body: 'Zoë 中' });
    });
  });

  it('returns the error response of a part as a result, after one request', async () => {
    await expectSame((side) => call(side, 'uploadPart', { UploadId: 'gone', PartNumber: 1, Body: 'x' }));
    const faults = () => [on('uploadPart', { times: Infinity }).respond(503, 'SlowDown')];
    await expectSame(async (side) => {
      const UploadId = await initiate(side);
      const result = await call(side, 'uploadPart', { UploadId, PartNumber: 1, Body: 'x' });
      return { ...result, arrivals: side.arrivals() };
    }, faults);
  });

  it.each([{}, { MaxParts: 1 }, { MaxParts: 1, PartNumberMarker: '1' }])('lists parts: %o', async (page) => {
    await expectSame(async (side) => {
      const { UploadId } = await uploadTwoParts(side);
      const { CommonMsg, InterfaceResult } = await call(side, 'listParts', { UploadId, ...page });
      return { CommonMsg, InterfaceResult: withoutDates(withoutEmpty(InterfaceResult, ['NextPartNumberMarker'])) };
    });
  });

  it.each([{}, { MaxUploads: 2 }, { Prefix: 'b/' }, { MaxUploads: 1, Prefix: 'a/' }])(
    'lists uploads: %o',
    async (page) => {
      await expectSame(async (side) => {
        const ids = new Map<string, string>();
        for (const key of ['a/1 +.mp4', 'a/2', 'b/中']) ids.set(await initiate(side, { Key: key }), `of ${key}`);
        const { CommonMsg, InterfaceResult } = await call(side, 'listMultipartUploads', page);
        const named = JSON.stringify(
          withoutDates(
            withoutEmpty(InterfaceResult, [
              'KeyMarker',
              'NextKeyMarker',
              'Prefix',
              'UploadIdMarker',
              'NextUploadIdMarker',
            ]),
          ),
        );
        const text = [...ids].reduce((all, [id, name]) => all.replaceAll(id, name), named);
        return { CommonMsg, InterfaceResult: JSON.parse(text) as unknown };
      });
    },
  );

  it('lists uploads by folders, page by page', async () => {
    await expectSame(async (side) => {
      for (const key of ['A', 'a/1', 'a/2', 'b/1', 'c']) await initiate(side, { Key: key });
      const pages: unknown[] = [];
      let markers: object = {};
      for (let isTruncated = true; isTruncated;) {
        const { InterfaceResult: page = {} } = await call(side, 'listMultipartUploads', {
          Delimiter: '/',
          MaxUploads: 2,
          ...markers,
        });
        const { Uploads, CommonPrefixes, NextKeyMarker, NextUploadIdMarker, IsTruncated } = page;
        pages.push([(Uploads as { Key: string }[]).map(({ Key: key }) => key), CommonPrefixes, NextKeyMarker]);
        markers = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
        isTruncated = IsTruncated === 'true';
      }
      return pages;
    });
  });

  it('completes an upload with parts in any order', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const { UploadId, Parts } = await uploadTwoParts(side);
      const ordered = side.name === 'official' ? [...Parts].reverse() : Parts;
      const result = await call(side, 'completeMultipartUpload', { UploadId, Parts: ordered });
      return { result: withoutThisRun(result, side.server), stored: side.stored(Key) };
    });
    expect(ours.result).toEqual(official.result);
    expect(ours.stored).toBe(sha256(bytes));
  });

  it('returns the error response of complete as a result', async () => {
    const Parts = [{ PartNumber: 1, ETag: '"x"' }];
    await expectSame((side) => call(side, 'completeMultipartUpload', { UploadId: 'gone', Parts }));
  });

  it('aborts an upload', async () => {
    await expectSame(async (side) => call(side, 'abortMultipartUpload', { UploadId: await initiate(side) }));
    await expectSame((side) => call(side, 'abortMultipartUpload', { UploadId: 'gone' }));
  });
});

describe('compared with the official SDK: objects', () => {
  it.each([
    ['a file', { SourceFile: fileOf(bytes) }],
    ['a slice', { SourceFile: fileOf(bytes), Offset: 10, ContentLength: 20 }],
    ['a string', { Body: 'Zoë 中' }],
    ['an empty body', {}],
  ])('puts %s', async (_, body) => {
    await expectSame(async (side) => {
      const put = await call(side, 'putObject', { ...body, Metadata: { Owner: 'me' }, StorageClass: 'WARM' });
      const object = side.server.control.state.buckets.get('media')?.objects.get(Key);
      return { ...put, size: object?.size, headers: object?.headers, stored: side.stored(Key) };
    });
  });

  it('reports the progress of a PUT', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const report: unknown[] = [];
      await call(side, 'putObject', {
        SourceFile: fileOf(bytes),
        ProgressCallback: (...p: unknown[]) => report.push(p),
      });
      return report.at(-1);
    });
    expect(ours).toEqual([bytes.length, bytes.length, expect.any(Number)]);
    expect(official).toEqual([bytes.length, bytes.length, expect.any(Number)]);
  });

  it('returns the metadata of an object', async () => {
    const { official, ours } = await withBoth(async (side) => {
      await call(side, 'putObject', {
        Body: 'x',
        Metadata: { Owner: 'me' },
        StorageClass: 'WARM',
        ContentType: 'text/x',
      });
      const { CommonMsg, InterfaceResult } = await call(side, 'getObjectMetadata', {});
      return { Status: CommonMsg.Status, ...InterfaceResult, RequestId: '', Id2: '', Date: '', LastModified: 'a date' };
    });
    expect(ours).toMatchObject({ ContentLength: '1', ContentType: 'text/x', Metadata: { owner: 'me' } });
    expect(official).toMatchObject(ours);
  });

  it('returns the error response for a missing object as a result', async () => {
    await expectSame((side) => call(side, 'getObjectMetadata', { Key: 'missing' }));
  });

  it('signs a URL that works', async () => {
    const { official, ours } = await withBoth(async (side) => {
      const params = { Method: 'PUT', Bucket, Key, Expires: 60, Headers: { 'Content-Type': 'text/x' } };
      const signed = withFixedClock(() => (side.client as unknown as Signing).createSignedUrlSync(params));
      const url = signed.SignedUrl.replace('media.localhost', '127.0.0.1').replace('/a/', '/media/a/');
      const response = await fetch(url, { method: 'PUT', headers: signed.ActualSignedRequestHeaders, body: 'signed' });
      const names = [...new URL(signed.SignedUrl).searchParams.keys()].sort();
      return { status: response.status, names, headers: signed.ActualSignedRequestHeaders, stored: side.stored(Key) };
    });
    expect(ours).toEqual(official);
    expect(ours.status).toBe(200);
  });

  it('signs a URL of a sub-resource', async () => {
    const { official, ours } = await withBoth((side) => {
      const params = { Method: 'POST', Bucket, Key, SpecialParam: 'uploads', QueryParams: { 'x-obs-a': 'b c' } };
      const { SignedUrl } = (side.client as unknown as Signing).createSignedUrlSync(params);
      const url = new URL(SignedUrl);
      return Promise.resolve([url.hostname, url.pathname, [...url.searchParams.keys()].sort()]);
    });
    expect(ours).toEqual(official);
  });
});

interface Signing {
  createSignedUrlSync(params: object): { SignedUrl: string; ActualSignedRequestHeaders: Record<string, string> };
}

/** Removes empty strings: the official SDK returns them for some missing elements, ours omits those. */
function withoutEmpty(output: ResultLike['InterfaceResult'], names: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(output ?? {}).filter(([name, value]) => !(names.includes(name) && value === '')),
  );
}

/** Replaces the dates of this run. */
function withoutDates(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'A-DATE')) as unknown;
}
