import { CheckpointError, parseCheckpoint, type UploadCheckpoint } from 'rx-obs-upload';

const good: UploadCheckpoint = {
  version: 1,
  server: 'https://obs.test',
  bucket: 'media',
  key: 'a/中 文.bin',
  uploadId: '2~x/?#&=',
  partSize: 102_400,
  file: { name: 'a.bin', size: 250_000, lastModified: 1_700_000_000_000, sample: '0'.repeat(32) },
  object: { contentType: 'text/plain', metadata: { a: 'b' }, sse: { type: 'kms' } },
  sseCustomerKeyMd5: null,
  parts: [{ partNumber: 2, size: 102_400, etag: 'abc' }],
};

describe('parseCheckpoint', () => {
  it('gives back what an upload emitted, after any number of JSON round trips', () => {
    expect(parseCheckpoint(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  it('takes over nothing that it does not know', () => {
    const hostile = JSON.parse(
      JSON.stringify({
        ...good,
        headers: { 'x-obs-acl': 'public-read' },
        object: { ...good.object, host: 'evil' },
      }).replace('"version"', '"__proto__":{"polluted":true},"version"'),
    );
    expect(parseCheckpoint(hostile)).toEqual(good);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('may lack the sample where it has no parts, as of a file that could not be read', () => {
    const unread = { ...good, file: { ...good.file, sample: '' }, parts: [] };
    expect(parseCheckpoint(unread)).toEqual(unread);
  });

  const wrong: [string, unknown][] = [
    ['checkpoint', null],
    ['checkpoint', 'text'],
    ['checkpoint', [good]],
    ['version', { ...good, version: 2 }],
    ['server', { ...good, server: undefined }],
    ['bucket', { ...good, bucket: '' }],
    ['key', { ...good, key: 7 }],
    ['uploadId', { ...good, uploadId: '' }],
    ['uploadId', { ...good, uploadId: 'x'.repeat(5000) }],
    ['partSize', { ...good, partSize: 0 }],
    ['partSize', { ...good, partSize: '102400' }],
    ['partSize', { ...good, partSize: 6 * 1024 ** 3 }],
    ['partSize', { ...good, partSize: 1 }],
    ['file', { ...good, file: null }],
    ['file.size', { ...good, file: { ...good.file, size: -1 } }],
    ['file.sample', { ...good, file: { ...good.file, sample: undefined } }],
    ['file.sample', { ...good, file: { ...good.file, sample: '' } }],
    ['file.lastModified', { ...good, file: { ...good.file, lastModified: 'now' } }],
    ['object.metadata.a', { ...good, object: { metadata: { a: 'b\r\nc: d' } } }],
    ['object', { ...good, object: [] }],
    ['sseCustomerKeyMd5', { ...good, sseCustomerKeyMd5: 1 }],
    ['parts', { ...good, parts: {} }],
    ['parts', { ...good, parts: new Array(1_000_000).fill(good.parts[0]) }],
    ['parts[0].partNumber', { ...good, parts: [{ partNumber: 4, size: 102_400, etag: 'a' }] }],
    ['parts[1].partNumber', { ...good, parts: [good.parts[0], good.parts[0]] }],
    ['parts[0].size', { ...good, parts: [{ partNumber: 3, size: 102_400, etag: 'a' }] }],
    ['parts[0].etag', { ...good, parts: [{ partNumber: 1, size: 102_400 }] }],
  ];

  it.each(wrong)('names %s where that is wrong', (field, value) => {
    expect(() => parseCheckpoint(value)).toThrow(CheckpointError);
    expect(() => parseCheckpoint(value)).toThrow(expect.objectContaining({ field, code: 'checkpoint' }));
  });
});
