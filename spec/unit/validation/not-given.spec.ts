import { createObsConnection, uploadFile$, uploadFiles$, type QueuedRequest, type UploadRequest } from 'rx-obs-upload';
import { createFakeObs, fakeSource } from 'rx-obs-upload/testing';
import { of } from 'rxjs';
import { PART } from '../../support/upload-world.js';
import { record, runVirtually } from '../../support/virtual-time.js';

const optionNames = (
  'uploadCheckpoint partSize taskNum requestDate retry stallTimeoutMs progressIntervalMs multipart checksum hasher ' +
  'verifyResume checkpointStore lock sse contentType metadata acl storageClass expires tagging cacheControl ' +
  'contentDisposition contentEncoding contentLanguage websiteRedirectLocation callback forbidOverwrite'
).split(' ');
const connectionNames =
  'addressing transport maxConcurrentRequests online$ serverTime allowInsecure signer presign dialect allowedHosts'.split(
    ' ',
  );

function undefinedOf(names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function events(overrides: object, connection: object = {}) {
  const { server, transport, credentials, bucket } = createFakeObs();
  const obs = createObsConnection({ server, credentials, ...connection, transport });
  const request = { bucket, key: 'a.txt', sourceFile: fakeSource({ size: 3 * PART }), ...overrides } as UploadRequest;
  return runVirtually(() => record(uploadFile$(obs, request))).values;
}

describe('an option that is undefined', () => {
  it('is treated as missing', () => {
    expect(events(undefinedOf(optionNames))).toEqual(events({}));
    const retry = undefinedOf(['maxAttempts', 'baseDelayMs', 'maxDelayMs', 'jitter']);
    expect(events({ retry, multipart: 'always' })).toEqual(events({ multipart: 'always' }));
  });

  it('of a connection is treated as missing', () => {
    expect(events({}, undefinedOf(connectionNames))).toEqual(events({}));
  });

  it('of uploadFiles$ is treated as missing', () => {
    const { server, transport, credentials, bucket } = createFakeObs();
    const obs = createObsConnection({ server, transport, credentials });
    const request = { id: 'a', bucket, key: 'a', sourceFile: fakeSource({ size: 1 }) } as QueuedRequest;
    const options = { filesAtOnce: undefined, cancel$: undefined };
    const { values } = runVirtually(() => record(uploadFiles$(obs, of(request), options)));
    expect(values.at(-1)).toMatchObject({ signal: { type: 'completed' } });
  });
});

it('a request with neither a bucket nor a checkpoint fails, and the error names the bucket', () => {
  const { server, transport, credentials } = createFakeObs();
  const obs = createObsConnection({ server, transport, credentials });
  const { error } = runVirtually(() =>
    record(uploadFile$(obs, { sourceFile: fakeSource({ size: 1 }), uploadCheckpoint: null })),
  );
  expect(error).toMatchObject({ code: 'invalid-options', option: 'bucket' });
});
