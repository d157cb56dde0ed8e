import { CheckpointError, parseCheckpoint, type UploadCheckpoint } from 'rx-obs-upload';

const valid: UploadCheckpoint = {
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
  it('returns what an upload emitted, after a JSON round trip', () => {
    expect(parseCheckpoint(JSON.parse(JSON.stringify(valid)))).toEqual(valid);
  });

  it('ignores unknown fields', () => {
    const hostile = JSON.parse(
      JSON.stringify({
        ...valid,
        headers: { 'x-obs-acl': 'public-read' },
        object: { ...valid.object, host: 'evil' },
      }).replace('"version"', '"__proto__":{"polluted":true},"version"'),
    );
    expect(parseCheckpoint(hostile)).toEqual(valid);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('accepts a missing sample if there are no parts, as for a file that could not be read', () => {
    const unread = { ...valid, file: { ...valid.file, sample: '' }, parts: [] };
    expect(parseCheckpoint(unread)).toEqual(unread);
  });

  const invalid: [string, unknown][] = [
    ['checkpoint', null],
    ['checkpoint', 'text'],
    ['checkpoint', [valid]],
    ['version', { ...valid, version: 2 }],
    ['server', { ...valid, server: undefined }],
    ['bucket', { ...valid, bucket: '' }],
    ['key', { ...valid, key: 7 }],
    ['uploadId', { ...valid, uploadId: '' }],
    ['uploadId', { ...valid, uploadId: 'x'.repeat(5000) }],
    ['partSize', { ...valid, partSize: 0 }],
    ['partSize', { ...valid, partSize: '102400' }],
    ['partSize', { ...valid, partSize: 6 * 1024 ** 3 }],
    ['partSize', { ...valid, partSize: 1 }],
    ['file', { ...valid, file: null }],
    ['file.size', { ...valid, file: { ...valid.file, size: -1 } }],
    ['file.sample', { ...valid, file: { ...valid.file, sample: undefined } }],
    ['file.sample', { ...valid, file: { ...valid.file, sample: '' } }],
    ['file.lastModified', { ...valid, file: { ...valid.file, lastModified: 'now' } }],
    ['object.metadata.a', { ...valid, object: { metadata: { a: 'b\r\nc: d' } } }],
    ['object', { ...valid, object: [] }],
    ['sseCustomerKeyMd5', { ...valid, sseCustomerKeyMd5: 1 }],
    ['parts', { ...valid, parts: {} }],
    ['parts', { ...valid, parts: new Array(1_000_000).fill(valid.parts[0]) }],
    ['parts[0].partNumber', { ...valid, parts: [{ partNumber: 4, size: 102_400, etag: 'a' }] }],
    ['parts[1].partNumber', { ...valid, parts: [valid.parts[0], valid.parts[0]] }],
    ['parts[0].size', { ...valid, parts: [{ partNumber: 3, size: 102_400, etag: 'a' }] }],
    ['parts[0].etag', { ...valid, parts: [{ partNumber: 1, size: 102_400 }] }],
  ];

  it.each(invalid)('names %s if that is invalid', (field, value) => {
    expect(() => parseCheckpoint(value)).toThrow(CheckpointError);
    expect(() => parseCheckpoint(value)).toThrow(expect.objectContaining({ field, code: 'checkpoint' }));
  });
});
