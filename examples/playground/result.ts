import type { UploadResult } from 'rx-obs-upload';
import type { FakeObject } from 'rx-obs-upload/testing';
import type { PageElements } from '../browser-page/page-elements.js';
import { formatBytes, formatCount } from '../format.js';

export interface Upload {
  readonly file: File;
  readonly stored: FakeObject;
  /** Parts that were sent, failed ones included. */
  readonly requests: number;
}

/** What the store has, compared with the file. */
export function showResult(page: PageElements, result: UploadResult, { file, stored, requests }: Upload): void {
  page.text('location', `${result.bucket}/${result.key}, ${formatBytes(stored.size)}`);
  page.text('etag', result.etag);
  page.text('content', 'Comparing …');
  page.show('result', true);
  file.arrayBuffer().then(
    (sent) => {
      const outcome = isEqual(new Uint8Array(sent), stored.bytes) ? 'Identical to the file' : 'Not the file';
      page.text('content', `${outcome}, byte for byte, after ${formatCount(requests)} part requests`);
    },
    () => page.text('content', 'The file can no longer be read'),
  );
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
