import { obsDialect, s3Dialect } from 'rx-obs-upload';
import { listMultipartUploads } from '../../../../lib/protocol/operations/list-multipart-uploads.js';

describe('listMultipartUploads', () => {
  it.each([
    ['OBS', obsDialect, [['encoding-type', 'url']]],
    ['S3', s3Dialect, []],
  ] as const)('requests keys from %s in the encoding that it declares correctly', (_, dialect, encoding) => {
    const marker = { key: 'a b', uploadId: 'u/1' };
    expect(listMultipartUploads({ bucket: 'media', prefix: 'a', marker }, dialect).request.query).toEqual([
      ['uploads', null],
      ['max-uploads', '1000'],
      ...encoding,
      ['prefix', 'a'],
      ['key-marker', 'a b'],
      ['upload-id-marker', 'u/1'],
    ]);
  });
});
