import {
  toUploadErrorInfo,
  v4Signer,
  type ObsConnectionOptions,
  type TransportRequest,
  type UploadEvent,
  type UrlSigner,
} from 'rx-obs-upload';
import { bytesOf, fakeSource, on, type FakeObs, type FaultRule } from 'rx-obs-upload/testing';
import { defer } from 'rxjs';
import { digestFor } from '../../lib/fake-obs/state/checksum.js';
import { withConnection, expectFailed, expectFired, THREE_ATTEMPTS } from '../support/scenario-world.js';
import { presigningBackend } from '../support/presigning-backend.js';
import { eventsOf, PART, uploadWorld, type UploadWorld } from '../support/upload-world.js';
import { record, runVirtually, type Recording } from '../support/virtual-time.js';

/** The same service, whose response to part 2 quotes these values of the request. */
function quoting(
  world: UploadWorld,
  secrets: (request: TransportRequest) => readonly string[],
  options: Partial<ObsConnectionOptions> = {},
): UploadWorld & { readonly quoted: () => readonly string[] } {
  const quoted: string[] = [];
  const { fake } = world;
  const send: FakeObs['transport']['send'] = (request) =>
    defer(() => {
      if (!request.url.includes('partNumber=2')) return fake.transport.send(request);
      const values = secrets(request).filter((value) => value !== '');
      quoted.push(...values);
      const quotes = values.flatMap((value) => [value, encodeURIComponent(value)]).join(' then ');
      const text = `${quotes} \u001b[31mis invalid`.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      const body = `<Error><Code>InvalidArgument</Code><Message>${text}</Message><RequestId>${text}</RequestId></Error>`;
      fake.addFaults(on('uploadPart', { partNumber: 2 }).respond(400, null, { body }));
      return fake.transport.send(request);
    });
  const transport = Object.create(fake.transport, { send: { value: send } }) as FakeObs['transport'];
  return { ...withConnection(world, { transport, ...options }), quoted: () => quoted };
}

function everythingShown(events: Recording<UploadEvent>): string {
  return JSON.stringify([events.values, toUploadErrorInfo(events.error), String(events.error)]);
}

describe('an error that quotes the request', () => {
  it('contains no signature, token or SSE-C key', () => {
    const plain = uploadWorld({
      credentials: [{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's', securityToken: 'gQpjb/token+of=the&session' }],
    });
    const world = quoting(plain, ({ headers }) => [
      headers.Authorization ?? '',
      (headers.Authorization ?? '').replace(/^.*:/, ''),
      headers['x-obs-security-token'] ?? '',
      headers['x-obs-server-side-encryption-customer-key'] ?? '',
    ]);
    const key = new Uint8Array(32).fill(7);
    const events = runVirtually(() => record(world.upload({ sse: { type: 'customer', key } })));
    const error = expectFailed(world, events, { serviceCode: 'InvalidArgument' });
    expect(error.message).toContain('is invalid');
    expect(world.quoted().length).toBeGreaterThanOrEqual(4);
    const shown = everythingShown(events);
    for (const value of world.quoted()) {
      for (const form of [value, encodeURIComponent(value)]) expect(shown).not.toContain(form);
    }
    expect(shown).not.toContain('\\u001b');
  });

  it('contains no signature of a presigned URL', () => {
    const plain: UploadWorld = uploadWorld();
    const backend = presigningBackend(() => plain.fake);
    const world = quoting(plain, ({ url }) => [new URL(url).searchParams.get('Signature') ?? ''], {
      presign: backend.presign,
    });
    const events = runVirtually(() => record(world.upload()));
    expectFailed(world, events, { serviceCode: 'InvalidArgument' });
    expect(world.quoted().length).toBeGreaterThan(0);
    for (const value of world.quoted()) expect(everythingShown(events)).not.toContain(value);
  });
});

describe('a BadDigest refusal', () => {
  const refusal = (): FaultRule =>
    on('uploadPart', { times: 99 }).respond(400, 'BadDigest', { message: 'The CRC32 did not match.' });

  it("is final after one attempt and names the presigner's option", () => {
    const rule = refusal();
    const world = uploadWorld({ faults: [rule] });
    const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
    const error = expectFailed(world, events, { serviceCode: 'BadDigest', retryable: false });
    expect(error.message).toContain("requestChecksumCalculation: 'WHEN_REQUIRED'");
    expectFired(rule);
    expect(world.fake.arrivals('uploadPart')).toHaveLength(1);
    expect(eventsOf(events, 'retrying')).toEqual([]);
  });

  /** As `@aws-sdk/s3-request-presigner` signs PUT by default: with the CRC32 of an empty body, in the query. */
  function presignedWithCrc32(crc32: string): UploadWorld {
    const signer = v4Signer({ region: 'local' });
    const presign: UrlSigner['presign'] = ({ url, ...request }, context) => {
      const withDigest = new URL(url);
      if (request.method === 'PUT') withDigest.searchParams.set('x-amz-checksum-crc32', crc32);
      return signer.presign({ ...request, url: withDigest.href }, context);
    };
    const backend = presigningBackend(() => world.fake, { signer: { ...signer, presign } });
    const options = { presign: backend.presign, dialect: signer.dialect };
    const world: UploadWorld = uploadWorld({}, options, fakeSource({ size: 2 * PART }));
    return world;
  }

  it('of a presigned CRC32 of an empty body is final after one attempt', () => {
    const world = presignedWithCrc32('AAAAAA==');
    const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS })));
    const error = expectFailed(world, events, { serviceCode: 'BadDigest', retryable: false });
    expect(error.message).toContain("requestChecksumCalculation: 'WHEN_REQUIRED'");
    expect(world.fake.arrivals('uploadPart')).toHaveLength(1);
    expect(eventsOf(events, 'retrying')).toEqual([]);
  });

  it('of a presigned CRC32 of an empty body is final for a single PUT too', () => {
    const world = presignedWithCrc32('AAAAAA==');
    const options = { multipart: 'auto', partSize: 1024 * 1024, retry: THREE_ATTEMPTS } as const;
    const events = runVirtually(() => record(world.upload(options)));
    const error = expectFailed(world, events, { serviceCode: 'BadDigest', retryable: false });
    expect(error.message).toContain("requestChecksumCalculation: 'WHEN_REQUIRED'");
    expect(world.fake.arrivals('putObject')).toHaveLength(1);
  });

  it('does not occur if the presigned CRC32 is that of the body', () => {
    const partBytes = bytesOf(fakeSource({ size: PART }));
    const crc32 = digestFor('crc32').update(partBytes).digest();
    const world = presignedWithCrc32(Buffer.from(crc32).toString('base64'));
    const sourceFile = fakeSource({ bytes: new Uint8Array([...partBytes, ...partBytes]) });
    const events = runVirtually(() => record(world.upload({ sourceFile })));
    expect(events.error).toBeUndefined();
    expect(eventsOf(events, 'completed')).toHaveLength(1);
  });

  it('is retried if this library sent the digest, as bytes were damaged in transit', () => {
    const rule = refusal();
    const world = uploadWorld({ faults: [rule] });
    const events = runVirtually(() => record(world.upload({ taskNum: 1, retry: THREE_ATTEMPTS, checksum: 'md5' })));
    expectFailed(world, events, { serviceCode: 'BadDigest', retryable: true });
    expect(eventsOf(events, 'retrying')).toHaveLength(2);
  });
});
