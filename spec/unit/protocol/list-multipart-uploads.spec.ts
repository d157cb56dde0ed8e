import { obsDialect, s3Dialect } from 'rx-obs-upload';
import { listMultipartUploads } from '../../../lib/protocol/list-multipart-uploads.js';

describe('listMultipartUploads', () => {
  it.each([
    ['OBS', obsDialect, [['encoding-type', 'url']]],
    ['S3', s3Dialect, []],
  ] as const)('asks %s for keys in the way that it reports truly', (_, dialect, more) => {
    const marker = { key: 'a b', uploadId: 'u/1' };
    expect(listMultipartUploads({ bucket: 'media', prefix: 'a', marker }, dialect).request.query).toEqual([
      ['uploads', null],
      ['max-uploads', '1000'],
      ...more,
      ['prefix', 'a'],
      ['key-marker', 'a b'],
      ['upload-id-marker', 'u/1'],
    ]);
  });
});
