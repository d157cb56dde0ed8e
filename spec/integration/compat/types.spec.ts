import { ObsClient, type ObsResult, type UploadFileOutput } from 'rx-obs-upload/compat';
import { createFakeObs } from 'rx-obs-upload/testing';
import { clientWorld, run } from './support/client-world.js';
import { inVirtualTime } from '../../support/virtual-time.js';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

describe('types', () => {
  it('accept callbacks with fewer parameters', () => {
    const { client, params } = clientWorld();
    const report: string[] = [];
    inVirtualTime(() => {
      client.uploadFile(
        params({
          ProgressCallback: (transferred) => report.push(transferred.toFixed()),
          EventCallback: (type, { key, partNumber }) => report.push(type, key, partNumber?.toFixed() ?? ''),
          ResumeCallback: (hook) => report.push(typeof hook.cancel),
        }),
        (error) => report.push(error?.code ?? 'done'),
      );
    });
    expect(report.at(-1)).toBe('done');
  });

  it('infer the param and the result from the type of an event', () => {
    const { client, params } = clientWorld();
    const etags: string[] = [];
    run(client, params()).events.forEach(([type, param, result]) => {
      switch (type) {
        case 'uploadPartSucceed':
          same<number, typeof param.partNumber>(true);
          etags.push(param.etag ?? '', result.InterfaceResult?.ETag ?? '');
          return;
        case 'completeMultipartUploadSucceed':
          same<typeof result, ObsResult<UploadFileOutput>>(true);
          etags.push(result.InterfaceResult?.ETag ?? '');
          return;
        case 'initiateMultipartUploadSucceed':
          etags.push(result.InterfaceResult?.UploadId ?? '');
          return;
        default:
          etags.push(result.message);
      }
    });
    expect(etags).toHaveLength(1 + 2 * 4 + 1);
    expect(etags.every((text) => text !== '')).toBe(true);
  });

  it('accept the ETag of an uploaded part', async () => {
    const { transport, server, credentials } = createFakeObs();
    const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = credentials;
    const client = new ObsClient({ access_key_id, secret_access_key, server, transport });
    const target = { Bucket: 'media', Key: 'a' };
    const { InterfaceResult: initiated } = await client.initiateMultipartUpload(target);
    const upload = { ...target, UploadId: initiated?.UploadId ?? '' };
    const part = await client.uploadPart({ ...upload, PartNumber: 1, Body: 'text' });
    const parts = [{ PartNumber: 1, ETag: part.InterfaceResult?.ETag }];
    const done = await client.completeMultipartUpload({ ...upload, Parts: parts });
    expect(done.CommonMsg.Status).toBe(200);
    await expect(client.completeMultipartUpload({ ...upload, Parts: [{ PartNumber: 1 }] })).rejects.toMatchObject({
      message: expect.stringMatching(/Parts\[0\]\.ETag is missing.*CORS/),
    });
  });

  it('distinguish calls with and without a callback', () => {
    const client = new ObsClient({ access_key_id: 'AK', secret_access_key: 'SK', server: 'obs.test' });
    const calls = (): unknown[] => {
      const promise = client.listParts({ Bucket: 'media', Key: 'a', UploadId: 'id' });
      same<typeof promise extends Promise<ObsResult<infer O>> ? ('Parts' extends keyof O ? true : false) : false, true>(
        true,
      );
      // @ts-expect-error: a call with a callback returns nothing
      const nothing: Promise<unknown> = client.listParts(
        { Bucket: 'media', Key: 'a', UploadId: 'id' },
        () => undefined,
      );
      // @ts-expect-error: a bucket is required
      void client.listParts({ Key: 'a', UploadId: 'id' });
      // @ts-expect-error: no such storage class
      void client.uploadFile({ StorageClass: 'LUKEWARM' });
      // @ts-expect-error: no such signature
      new ObsClient({ access_key_id: 'AK', secret_access_key: 'SK', server: 'obs.test', signature: 'v5' });
      return [promise, nothing];
    };
    expect(calls).toBeInstanceOf(Function);
  });
});
