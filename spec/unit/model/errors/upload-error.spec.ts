import {
  isUploadError,
  NetworkError,
  ServiceError,
  toUploadErrorInfo,
  type UploadCheckpoint,
  type UploadError,
} from 'rx-obs-upload';
import { withContext } from '../../../../lib/model/errors/upload-error.js';

function fieldsOf(error: UploadError): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(error));
}

const checkpoint = { uploadId: 'U' } as UploadCheckpoint;

describe('an error with its context', () => {
  const cause = new TypeError('The socket closed.');
  const details = { status: 503, serviceCode: 'SlowDown', requestId: 'R', retryable: true, retryAfterMs: 5, cause };
  const error = new ServiceError('service', 'It was refused.', details);
  Object.freeze(error);
  const copy = withContext(error, { operation: 'uploadPart', partNumber: 3, checkpoint });

  it('is a copy: the original, which may be frozen, is unchanged', () => {
    expect(copy).not.toBe(error);
    expect(error).toMatchObject({ operation: null, partNumber: null, checkpoint: null });
    expect(copy).toMatchObject({ operation: 'uploadPart', partNumber: 3, checkpoint });
  });

  it('preserves class, brand, name, message, cause, stack and every other field', () => {
    expect(copy).toBeInstanceOf(ServiceError);
    expect(isUploadError(copy)).toBe(true);
    expect(Object.prototype.toString.call(copy)).toBe('[object Error]');
    expect([copy.name, copy.message, copy.stack]).toEqual([error.name, error.message, error.stack]);
    expect(copy.cause).toBe(cause);
    expect(Object.entries(copy)).toEqual(
      Object.entries({ ...fieldsOf(error), operation: 'uploadPart', partNumber: 3, checkpoint }),
    );
    expect(Object.keys(copy)).toEqual(Object.keys(error));
    expect(String(copy)).toBe(String(error));
  });

  it('is resumable by its own checkpoint', () => {
    const refused = new ServiceError('service', 'It was refused.', { ...details, retryable: false });
    expect([refused.resumable, withContext(refused, { checkpoint }).resumable]).toEqual([false, true]);
    expect(toUploadErrorInfo(withContext(refused, { checkpoint }))).toMatchObject({ resumable: true, checkpoint });
  });

  it('is the same error if nothing changes', () => {
    expect(withContext(copy, { operation: 'uploadPart', checkpoint })).toBe(copy);
  });

  it('has no cause if the error has none', () => {
    expect('cause' in withContext(new NetworkError('network', 'It broke.'), { partNumber: 1 })).toBe(false);
  });
});
