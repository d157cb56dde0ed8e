import { clientWorld } from './support/client-world.js';

describe('grants and object lock', () => {
  it('are sent by initiateMultipartUpload and putObject', async () => {
    const { client, fake } = clientWorld({});
    const target = { Bucket: fake.bucket, Key: 'a.bin' };
    const grants = { GrantRead: 'id=friend', ObjectLockMode: 'COMPLIANCE', GrantReadAcp: '' };
    await client.initiateMultipartUpload({ ...target, ...grants });
    await client.putObject({ ...target, ...grants, Body: 'text' });
    for (const operation of ['initiateMultipartUpload', 'putObject'] as const) {
      const headers = fake.arrivals(operation)[0]?.headers;
      expect(headers).toMatchObject({ 'x-obs-grant-read': 'id=friend', 'x-obs-object-lock-mode': 'COMPLIANCE' });
      expect(headers).not.toHaveProperty('x-obs-grant-read-acp');
    }
  });
});
