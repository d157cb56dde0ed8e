import { isUploadError, toUploadSnapshot } from 'rx-obs-upload';
import { throwError } from 'rxjs';
import { uploadWorld } from '../support/upload-world.js';
import { record, runVirtually } from '../support/virtual-time.js';

/** An error like those of Angular's HttpClient. */
const refusal = Object.assign(
  new Error('Http failure response for https://app.test/api/sign?session=d41d8cd98f: 401 Unauthorized'),
  { name: 'HttpErrorResponse', status: 401 },
);

describe('a backend that refuses', () => {
  it.each([
    ['to sign', { presign: () => throwError(() => refusal) }],
    ['credentials', { credentials: () => throwError(() => refusal) }],
  ])('%s appears in a snapshot without the query of its URL', (_, options) => {
    const world = uploadWorld({}, options);
    const { values } = runVirtually(() => record(world.upload({ retry: { maxAttempts: 1 } }).pipe(toUploadSnapshot())));
    const error = values.at(-1)?.error;
    expect(error?.cause).toBe(
      'HttpErrorResponse: Http failure response for https://app.test/api/sign?… 401 Unauthorized',
    );
    expect(JSON.stringify(values)).not.toContain('d41d8cd98f');
    expect(isUploadError(error)).toBe(false);
  });
});
