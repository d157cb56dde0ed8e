import { ObsClient, ObsClientError, type ObsClientOptions } from 'rx-obs-upload/compat';
import { on } from 'rx-obs-upload/testing';
import { clientWorld, run } from './support/client-world.js';

const validOptions: ObsClientOptions = { access_key_id: 'AK', secret_access_key: 'SK', server: 'obs.test' };

function errorOf(options: object): ObsClientError {
  try {
    new ObsClient({ ...validOptions, ...options });
  } catch (error) {
    if (error instanceof ObsClientError) return error;
  }
  throw new Error('no complaint');
}

/** The origin and path of a signed URL. */
function urlOf(options: Partial<ObsClientOptions>): string {
  const { SignedUrl } = new ObsClient({ ...validOptions, ...options }).createSignedUrlSync({
    Bucket: 'media',
    Key: 'a',
  });
  return SignedUrl.split('?')[0] ?? '';
}

describe('new ObsClient', () => {
  it.each([
    ['access_key_id', { access_key_id: undefined }],
    ['access_key_id', { access_key_id: '  ' }],
    ['access_key_id', { access_key_id: 'A\nB' }],
    ['secret_access_key', { secret_access_key: '' }],
    ['secret_access_key', { secret_access_key: 7 }],
    ['security_token', { security_token: {} }],
    ['server', { server: undefined }],
    ['server', { server: '' }],
    ['server', { server: 'obs.test/media', path_style: false }],
    ['server', { server: 'ftp://obs.test' }],
    ['server', { server: 'https://' }],
    ['port', { port: 0 }],
    ['port', { port: 'eighty' }],
    ['port', { port: 65_536 }],
    ['is_secure', { is_secure: 'false' }],
    ['path_style', { path_style: 1 }],
    ['is_cname', { is_cname: 'yes' }],
    ['signature', { signature: 'v5' }],
    ['region', { signature: 'v4' }],
    ['region', { signature: 'v4', region: 'a b' }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: 'long' }],
    ['max_concurrent_requests', { max_concurrent_requests: 0 }],
  ])('names a missing or invalid option: %s', (option, options) => {
    const { code, message } = errorOf(options);
    expect(code).toBe('invalid-options');
    expect(message).toContain(option);
  });

  it('names a missing option or parameter if none is passed', () => {
    const Client = ObsClient as unknown as new () => ObsClient;
    expect(() => new Client()).toThrow('access_key_id');
    const { uploadFile } = new ObsClient(validOptions) as unknown as { uploadFile: () => Promise<unknown> };
    return expect(uploadFile()).rejects.toThrow('SourceFile');
  });

  it('never reveals credentials in a message', () => {
    expect(errorOf({ secret_access_key: 'very\nsecret' }).message).not.toContain('secret"');
    expect(errorOf({ access_key_id: 'known\nid' }).message).not.toContain('known');
  });

  it.each<[string, Partial<ObsClientOptions>]>([
    ['https://media.obs.test/a', {}],
    ['https://media.obs.test/a', { server: ' https://obs.test/ ' }],
    ['http://media.obs.test/a', { is_secure: false }],
    ['http://media.obs.test/a', { server: 'http://obs.test', is_secure: true }],
    ['https://media.obs.test:8443/a', { port: 8443 }],
    ['https://media.obs.test:8443/a', { port: '8443' }],
    ['https://media.obs.test:9443/a', { server: 'obs.test:9443', port: 8443 }],
    ['https://media.obs.test/a', { server: 'https://obs.test:443', port: 8443 }],
    ['https://obs.test/media/a', { path_style: true }],
    ['https://10.0.0.1/media/a', { server: '10.0.0.1' }],
    ['https://10.0.0.1/media/a', { server: '10.0.0.1', path_style: false }],
    ['http://localhost/media/a', { server: 'http://localhost' }],
    ['http://media.localhost/a', { server: 'http://localhost', path_style: false }],
    ['https://media.example/a', { server: 'media.example', is_cname: true }],
    ['https://media.example/a', { server: 'media.example', is_cname: true, path_style: true }],
  ])('sends to %s', (url, options) => {
    expect(urlOf(options)).toBe(url);
  });

  it.each([
    ['obs', {}, 'AccessKeyId='],
    ['obs', { signature: 'obs', path_style: true }, 'AccessKeyId='],
    ['v2', { signature: 'V2' }, 'AWSAccessKeyId='],
    ['v4', { signature: 'v4', region: 'eu-west-1' }, 'X-Amz-Credential=AK%2F'],
  ] as const)('signs as %s', (_, options, parameter) => {
    const client = new ObsClient({ ...validOptions, ...options } as ObsClientOptions);
    expect(client.createSignedUrlSync({ Bucket: 'media', Key: 'a' }).SignedUrl).toContain(parameter);
  });

  it.each(['obs', 'v2', 'v4'] as const)('uploads with signature %s', (signature) => {
    const world = clientWorld();
    const upload = run(world.connect({ signature, region: 'local' }), world.params());
    expect(upload.outcomes).toMatchObject([{ error: null, result: { CommonMsg: { Status: 200 } } }]);
  });

  it('uses HTTP for a server with http://', () => {
    const world = clientWorld({ server: 'http://obs.test' });
    const upload = run(world.connect(), world.params());
    expect(upload.outcomes).toMatchObject([{ error: null }]);
  });

  it.each([
    [undefined, 300_000],
    [0, 300_000],
    [20, 20_000],
    ['20', 20_000],
  ])('aborts a stalled request after timeout: %s', (timeout, ms) => {
    const world = clientWorld({
      faults: [on('initiateMultipartUpload', { times: Infinity }).stall('before-response')],
    });
    const upload = run(world.connect({ timeout }), world.params());
    expect(upload.outcomes).toMatchObject([{ error: { code: 'stalled' }, at: ms }]);
  });

  it('does not time out while a part makes progress', () => {
    // 102,400 bytes at 1,024 per second take 100 s, ten times the timeout.
    const world = clientWorld({ bytesPerSecond: 1024, progressSteps: 50 });
    const upload = run(world.connect({ timeout: 10 }), world.params());
    expect(upload.outcomes).toMatchObject([{ error: null }]);
  });

  it('has enums of ACLs and storage classes', () => {
    const { enums } = new ObsClient(validOptions);
    expect(enums.AclPublicRead).toBe('public-read');
    expect(enums.StorageClassWarm).toBe('WARM');
  });
});
