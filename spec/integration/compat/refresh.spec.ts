import { ObsClientError } from 'rx-obs-upload/compat';
import { on } from 'rx-obs-upload/testing';
import { at, inVirtualTime } from '../../support/virtual-time.js';
import { clientWorld, run, start, type Upload } from './support/client-world.js';

const old = { accessKeyId: 'OLD', secretAccessKey: 'old-secret', securityToken: 'old-token' };
const fresh = { accessKeyId: 'NEW', secretAccessKey: 'new-secret', securityToken: 'new-token' };

describe('refresh', () => {
  it('replaces the credentials of a running upload, which sends rejected requests again', () => {
    const world = clientWorld({ credentials: [old] });
    let upload: Upload | null = null;
    inVirtualTime(() => {
      upload = start(world.client, world.params({ TaskNum: 1 }));
      at(150, () => {
        world.fake.setCredentials([fresh]);
        world.client.refresh('NEW', 'new-secret', 'new-token');
      });
    });
    expect((upload as unknown as Upload).outcomes).toMatchObject([
      { error: null, result: { CommonMsg: { Status: 200 } } },
    ]);
    expect(world.fake.object('film.mp4')).not.toBeNull();
  });

  it('replaces credentials that were rejected', () => {
    const world = clientWorld({ credentials: [fresh] });
    const client = world.connect({
      access_key_id: 'OLD',
      secret_access_key: 'old-secret',
      security_token: 'old-token',
    });
    expect(run(client, world.params()).outcomes[0]?.result?.CommonMsg.Status).toBe(403);
    client.refresh('NEW', 'new-secret', 'new-token');
    expect(run(client, world.params()).outcomes[0]?.result?.CommonMsg.Status).toBe(200);
  });

  it('accepts permanent credentials', () => {
    const world = clientWorld({ credentials: [{ accessKeyId: 'AK', secretAccessKey: 'SK' }] });
    world.client.refresh(' AK ', 'SK');
    expect(run(world.client, world.params()).outcomes).toMatchObject([{ error: null }]);
  });

  it('is not needed after a part was denied with valid credentials', () => {
    const world = clientWorld({ faults: [on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied')] });
    const failed = run(world.client, world.params());
    expect(failed.outcomes[0]?.error).toMatchObject({ serviceCode: 'AccessDenied', part: 2 });
    const resumed = run(world.client, { UploadCheckpoint: failed.records[0] });
    expect(resumed.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
  });

  it.each([
    ['access_key_id', ['', 'SK']],
    ['secret_access_key', ['AK', undefined]],
    ['security_token', ['AK', 'SK', 7]],
  ] as unknown as [string, [string, string, string]][])(
    'rejects an invalid %s and keeps the credentials',
    (option, credentials) => {
      const world = clientWorld();
      expect(() => world.client.refresh(...credentials)).toThrow(ObsClientError);
      expect(() => world.client.refresh(...credentials)).toThrow(option);
      expect(run(world.client, world.params()).outcomes).toMatchObject([{ error: null }]);
    },
  );
});
