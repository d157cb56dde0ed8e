import { initiateMultipartUpload$, InvalidOptionsError, uploadPart$, type ExtraHeaders } from 'rx-obs-upload';
import { fakeSource } from 'rx-obs-upload/testing';
import { ways } from '../support/signed-worlds.js';
import { eventsOf, lastCheckpoint, uploadWorld } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

describe.each(ways)('headers, $name', ({ dialect, world: createWorld }) => {
  const prefix = dialect.headerPrefix;
  const headers: ExtraHeaders = {
    initiate: { [`${prefix}Grant-Read`]: 'id=friend', [`${prefix}request-payer`]: 'requester' },
    part: { [`${prefix}request-payer`]: 'requester' },
    complete: { [`${prefix}request-payer`]: 'requester', 'x-forwarded-for-audit': 'yes' },
  };

  it('are sent with their requests, signed', () => {
    const { fake, upload } = createWorld();
    const events = runVirtually(() => record(upload({ headers })));
    expect(events.error).toBeUndefined();
    const sent = (operation: Parameters<typeof fake.arrivals>[0]): string[] =>
      Object.keys(fake.arrivals(operation)[0]?.headers ?? {}).filter((name) => /grant|payer|audit/.test(name));
    expect(sent('initiateMultipartUpload')).toEqual([`${prefix}grant-read`, `${prefix}request-payer`]);
    expect(sent('uploadPart')).toEqual([`${prefix}request-payer`]);
    expect(sent('completeMultipartUpload')).toEqual([`${prefix}request-payer`, 'x-forwarded-for-audit']);
    expect(fake.object('film.mp4')?.options['grant-read']).toBe('id=friend');
  });

  it('of initiate and complete are sent with a single PUT', () => {
    const { fake, upload } = createWorld({}, fakeSource({ size: 10 }));
    expect(runVirtually(() => record(upload({ headers }))).error).toBeUndefined();
    expect(fake.arrivals('putObject')[0]?.headers).toMatchObject({
      [`${prefix}grant-read`]: 'id=friend',
      [`${prefix}request-payer`]: 'requester',
      'x-forwarded-for-audit': 'yes',
    });
  });

  it.each(['auto', 'always'] as const)('are percent-encoded where they are not ASCII, multipart: %s', (multipart) => {
    const { fake, upload } = createWorld({}, fakeSource({ size: 10 }));
    const granted = { [`${prefix}grant-read`]: 'id=Zoë 50%' };
    const audited = { 'x-audit': '文' };
    const events = runVirtually(() =>
      record(upload({ multipart, headers: { initiate: granted, part: audited, complete: audited } })),
    );
    expect(events.error).toBeUndefined();
    const sent = fake.log.flatMap(({ headers: { [`${prefix}grant-read`]: grant, 'x-audit': audit } }) => [
      grant,
      audit,
    ]);
    const audits = multipart === 'auto' ? 1 : 2;
    expect(sent.filter((value) => value !== undefined).sort()).toEqual([
      ...Array.from({ length: audits }, () => '%E6%96%87'),
      'id=Zo%C3%AB 50%',
    ]);
  });

  it('of complete must be set again on resume, because their values are not stored', () => {
    const { fake, upload, resume } = createWorld();
    const first = runVirtually(() => {
      const started = record(upload({ headers, taskNum: 1 }));
      at(260, started.unsubscribe);
      return started;
    });
    const checkpoint = lastCheckpoint(first);
    expect(checkpoint.rights).toEqual(['headers.initiate', 'headers.complete']);
    expect(JSON.stringify(checkpoint)).not.toMatch(/friend|requester/);
    const before = fake.log.length;
    const without = runVirtually(() => record(resume(checkpoint)));
    expect(without.error).toMatchObject({ code: 'invalid-options', option: 'headers.complete' });
    expect(fake.log).toHaveLength(before);
    const again = runVirtually(() => record(resume(checkpoint, { headers: { complete: { ...headers.complete } } })));
    expect(eventsOf(again, 'completed')).toHaveLength(1);
  });
});

describe('headers', () => {
  it.each([
    ['Content-Type', 'contentType'],
    ['content-length', 'sourceFile'],
    ['Host', 'server'],
    ['Authorization', 'credentials'],
    ['Date', 'requestDate'],
    ['x-amz-date', 'requestDate'],
    ['x-amz-content-sha256', 'signer'],
    ['x-obs-security-token', 'credentials'],
    ['x-obs-acl', 'acl'],
    ['X-Amz-Storage-Class', 'storageClass'],
    ['x-obs-meta-owner', 'metadata'],
    ['x-obs-tagging', 'tagging'],
    ['x-obs-server-side-encryption', 'sse'],
    ['x-amz-server-side-encryption-customer-key', 'sse'],
    ['x-amz-server-side-encryption-aws-kms-key-id', 'sse'],
    ['x-obs-callback', 'callback'],
    ['x-obs-traffic-limit', 'trafficLimit'],
    ['If-None-Match', 'forbidOverwrite'],
    ['If-Match', 'ifMatch'],
    ['Content-MD5', 'checksum'],
    ['x-amz-checksum-crc64nvme', 'checksum'],
  ])('must not contain %s, which is set by %s', (name, option) => {
    for (const step of ['initiate', 'part', 'complete']) {
      const { fake, upload } = uploadWorld();
      const { error } = runVirtually(() => record(upload({ headers: { [step]: { [name]: 'x' } } })));
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(error).toMatchObject({ option: `headers.${step}`, message: expect.stringContaining(option) });
      expect(fake.log).toEqual([]);
    }
  });

  it.each([
    ['a duplicate name', { 'x-obs-grant-read': 'a', 'X-OBS-Grant-Read': 'b' }],
    ['a line break', { 'x-obs-grant-read': 'a\r\nx-obs-acl: public-read' }],
    ['an invalid name', { 'x obs': 'a' }],
    ['a name that browsers forbid', { Cookie: 'a' }],
    ['a copy source', { 'x-obs-copy-source': '/other/key' }],
  ])('must not contain %s', (_, initiate) => {
    const { fake, upload } = uploadWorld();
    const { error } = runVirtually(() => record(upload({ headers: { initiate } })));
    expect(error).toMatchObject({ code: 'invalid-options' });
    expect(fake.log).toEqual([]);
  });

  it('may set the SSE-KMS project and object lock', () => {
    const initiate = {
      'x-obs-sse-kms-key-project-id': 'project',
      'x-obs-object-lock-mode': 'COMPLIANCE',
      'x-obs-object-lock-retain-until-date': '2030-01-01T00:00:00Z',
    };
    const { fake, upload } = uploadWorld();
    expect(runVirtually(() => record(upload({ headers: { initiate } }))).error).toBeUndefined();
    expect(fake.object('film.mp4')?.options['object-lock-mode']).toBe('COMPLIANCE');
  });

  it('can also be passed to the single calls', () => {
    const { fake, obs } = uploadWorld();
    const upload = { bucket: fake.bucket, key: 'a' };
    const initiated = runVirtually(() =>
      record(
        initiateMultipartUpload$(obs, { ...upload, object: { headers: { initiate: { 'x-obs-grant-read': 'f' } } } }),
      ),
    );
    const uploadId = initiated.values[0]?.uploadId ?? '';
    const part = { ...upload, uploadId, partNumber: 1, body: new Uint8Array(1) };
    runVirtually(() => record(uploadPart$(obs, { ...part, headers: { 'x-obs-request-payer': 'requester' } })));
    expect(fake.arrivals('initiateMultipartUpload')[0]?.headers['x-obs-grant-read']).toBe('f');
    expect(fake.arrivals('uploadPart')[0]?.headers['x-obs-request-payer']).toBe('requester');
  });

  it.each<[string, Record<string, string>]>([
    ['which an argument sets', { 'x-obs-traffic-limit': '819200' }],
    ['with a line break', { 'x-obs-request-payer': 'a\r\nx-obs-acl: public-read' }],
    ['that is no text', { 'x-obs-request-payer': 1 as never }],
    ['that a page cannot set', { Cookie: 'a' }],
  ])('of uploadPart$ must not have one %s', (_, invalid) => {
    const { fake, obs } = uploadWorld();
    const part = { bucket: fake.bucket, key: 'a', uploadId: 'u', partNumber: 1, body: new Uint8Array(1) };
    const { error } = runVirtually(() => record(uploadPart$(obs, { ...part, headers: invalid })));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as InvalidOptionsError).option).toMatch(/^headers/);
    expect(fake.log).toEqual([]);
  });
});
