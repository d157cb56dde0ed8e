import { serviceErrorOf } from '../../../../lib/protocol/response/response.js';
import { errorBodyOf } from '../../../../lib/protocol/errors/error-body.js';
import { presentable, secretsOf, type SentRequest } from '../../../../lib/protocol/errors/sent-values.js';
import { escapeXml } from '../../../../lib/protocol/plain-xml.js';
import { toUploadErrorInfo } from 'rx-obs-upload';

const customerKey = Buffer.alloc(32, 7).toString('base64');
const sent: SentRequest = {
  url: 'https://media.obs.test/a%20b.mp4?partNumber=7&uploadId=upload-1',
  headers: {
    Authorization: 'OBS AKIDEXAMPLE:c2ln/bmF0dXJl+aGVyZQ==',
    'x-obs-date': 'Fri, 02 Jan 2026 03:04:05 GMT',
    'x-obs-security-token': 'gQpjbi1ub3J0aC00/token+of=the&session',
    'x-obs-server-side-encryption-customer-algorithm': 'AES256',
    'x-obs-server-side-encryption-customer-key': customerKey,
    'x-obs-server-side-encryption-customer-key-MD5': 'DUoRhQyKpyG1SWq6sZmR0A==',
  },
};
const signedUrl: SentRequest = {
  url:
    'https://media.s3.test/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fr%2Fs3%2Faws4_request' +
    '&X-Amz-Security-Token=IQoJb3JpZ2luX2Vj%2Babc&X-Amz-Signature=0123456789abcdef0123456789abcdef&partNumber=7',
  headers: {},
};

describe('secretsOf', () => {
  it('finds the values that authorize a request, and no harmless ones', () => {
    const secrets = secretsOf(sent);
    expect(secrets).toEqual(
      expect.arrayContaining(['AKIDEXAMPLE', 'c2ln/bmF0dXJl+aGVyZQ==', customerKey, 'DUoRhQyKpyG1SWq6sZmR0A==']),
    );
    for (const harmless of ['upload-1', '7', 'OBS', 'Fri, 02 Jan 2026 03:04:05 GMT']) {
      expect(secrets).not.toContain(harmless);
    }
    expect(secretsOf(signedUrl)).toEqual(
      expect.arrayContaining(['AKIDEXAMPLE', 'IQoJb3JpZ2luX2Vj+abc', '0123456789abcdef0123456789abcdef']),
    );
  });

  it('reads the Authorization header of v4', () => {
    const Authorization =
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/r/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123456789abcdef';
    const secrets = secretsOf({ url: 'https://h/k', headers: { Authorization } });
    expect(secrets).toEqual(expect.arrayContaining(['AKIDEXAMPLE', '0123456789abcdef']));
    expect(secrets).not.toContain('host;x-amz-date');
  });
});

describe('an error of the service', () => {
  const encodings: readonly [string, (value: string) => string][] = [
    ['unchanged', (value) => value],
    ['in upper case', (value) => value.toUpperCase()],
    ['in lower case', (value) => value.toLowerCase()],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded in lower case', (value) => encodeURIComponent(value).toLowerCase()],
    ['percent-encoded twice', (value) => encodeURIComponent(encodeURIComponent(value))],
    ['in base64', (value) => Buffer.from(value).toString('base64')],
    ['in base64 for URLs', (value) => Buffer.from(value).toString('base64url')],
    ['in hexadecimal', (value) => Buffer.from(value).toString('hex')],
    ['escaped twice', escapeXml],
    ['as JSON', (value) => JSON.stringify({ value }).replaceAll('/', '\\/')],
    ['truncated', (value) => value.slice(0, 20)],
  ];
  const values = [sent, signedUrl].flatMap((request) => secretsOf(request).map((value) => [request, value] as const));

  it.each(encodings)('never repeats a secret of the request, quoted %s', (_, encode) => {
    for (const [request, value] of values) {
      const quoted = encode(value);
      const text = escapeXml(`Token ${quoted} is invalid, see ${quoted}`);
      const fields = ['Code', 'Message', 'RequestId', 'HostId'].map((name) => `<${name}>${text}</${name}>`).join('');
      const response = { status: 403, headers: {}, body: `<Error>${fields}</Error>` };
      const error = serviceErrorOf(response, { operation: 'uploadPart', partNumber: 7, now: 0, sent: request });
      const { hostId } = errorBodyOf(response, request);
      const shown = JSON.stringify([error.message, toUploadErrorInfo(error), hostId]);
      const plain = quoted.replace(/^\{"value":"|"\}$/g, '');
      expect(shown.toLowerCase()).not.toContain(JSON.stringify(plain).slice(1, -1).toLowerCase());
      expect(shown).toContain('is invalid');
    }
  });

  it('never repeats the beginning of a secret that its own limit truncates', () => {
    const value = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4';
    const request = { url: 'https://h/k', headers: { 'x-obs-security-token': value } };
    for (let pad = 250; pad < 1300; pad++) {
      const shown = presentable(`${'-'.repeat(pad)}${value}${'!'.repeat(2000)}`, 300, request);
      expect(shown).not.toMatch(/Zm9v/);
    }
  });

  it.each([
    ['Bad Signature=abc123secret; x-obs-security-token: tok456 in request', /abc123secret|tok456/],
    ['{"signature":"abc123secret","token" : "tok456"}', /abc123secret|tok456/],
    ['Authorization: OBS AKXX:abc123secret was refused', /AKXX|abc123secret/],
    ['got AWS4-HMAC-SHA256 Credential=AKXX/2026/r, SignedHeaders=host, Signature=abc123secret', /AKXX|abc123secret/],
    ['Authorization: Bearer abcdefghijklmnopqrst', /abcdefgh/],
  ])('redacts what looks like a secret: %s', (text, secret) => {
    const shown = presentable(text, 300, undefined);
    expect(shown).not.toMatch(secret);
    expect(shown).toContain('…');
  });

  it('has no control characters, line breaks or bidirectional controls, and preserves its code', () => {
    const hostile = 'a\u001b[31mb\r\nc\u202ed\u0085e\u2028f\u200bg&#x1b;h&#10;i';
    const body = `<Error><Code>SlowDown&#10;</Code><Message>${hostile}</Message><RequestId>${hostile}</RequestId></Error>`;
    const headers = { 'x-obs-request-id': hostile };
    for (const response of [
      { status: 503, headers, body },
      { status: 503, headers, body: '' },
    ]) {
      const info = toUploadErrorInfo(serviceErrorOf(response, { operation: 'uploadPart', partNumber: 7, now: 0 }));
      expect(JSON.stringify([info.message, info.serviceCode, info.requestId])).not.toMatch(
        /\\u00|\\n|\\r|[\u0080-\u009f\u2028\u202e\u200b]/,
      );
      expect(info.retryable).toBe(true);
    }
    const { serviceCode } = serviceErrorOf(
      { status: 503, headers, body },
      { operation: 'uploadPart', partNumber: 7, now: 0 },
    );
    expect(serviceCode).toBe('SlowDown');
  });

  it('of another library has no control characters either', () => {
    const { message } = toUploadErrorInfo(new Error('a\u001b[31m\nb token=abc123secret'));
    expect(message).toBe('a[31m b token=…');
  });
});
