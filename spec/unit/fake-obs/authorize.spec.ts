import { createFakeObs, type FakeObs } from '../../../lib/testing/index.js';
import type { TransportResponse } from '../../../lib/ports/transport/transport.js';
import { answerOf, call, textOf } from '../testing/client.js';
import { signHeader, signQuery, signV4, signV4Query, type Unsigned } from './sign.js';

const permanent = { accessKeyId: 'PERMANENT', secretAccessKey: 'secret-1' };
const temporary = { accessKeyId: 'TEMPORARY', secretAccessKey: 'secret-2', securityToken: 'tok+/en==' };
const allCredentials = [permanent, { ...temporary, expiresAt: Date.now() + 3_600_000 }];
const get: Unsigned = { method: 'GET', url: 'https://media.obs.test/?uploads' };

function fake(options: Parameters<typeof createFakeObs>[0] = {}): FakeObs {
  return createFakeObs({ credentials: allCredentials, ...options });
}

function send(obs: FakeObs, headers: Readonly<Record<string, string>>, url = get.url): TransportResponse {
  return answerOf(obs.transport.send({ method: 'GET', url, headers, body: null }));
}

function refusal(response: TransportResponse): string {
  return `${response.status} ${textOf(response.body, 'Code')}`;
}

describe('authorization', () => {
  const at = (obs: FakeObs, off = 0): { now: number; bucket: string } => ({ now: obs.now() + off, bucket: 'media' });

  it('refuses an unsigned request, an unknown scheme and a malformed header', () => {
    const obs = fake();
    expect(refusal(send(obs, {}))).toBe('403 AccessDenied');
    expect(refusal(send(obs, { authorization: 'Basic YTpi' }))).toBe('400 InvalidArgument');
    expect(refusal(send(obs, { authorization: 'OBS nonsense' }))).toBe('400 InvalidArgument');
    expect(refusal(send(obs, { authorization: 'AWS4-HMAC-SHA256 nonsense' }))).toBe('400 AuthorizationHeaderMalformed');
  });

  it('reports what is wrong with the credentials', () => {
    const obs = fake();
    const sign = (wrong: object): string => refusal(send(obs, signHeader(get, { ...permanent, ...wrong }, at(obs))));
    expect(send(obs, signHeader(get, permanent, at(obs))).status).toBe(200);
    expect(sign({ accessKeyId: 'NOBODY' })).toBe('403 InvalidAccessKeyId');
    expect(sign({ secretAccessKey: 'wrong' })).toBe('403 SignatureDoesNotMatch');
    expect(sign({ securityToken: 'none' })).toBe('403 InvalidSecurity');
  });

  it('refuses a clock that is off by more than 15 minutes, and reports its own time unless disabled', () => {
    const obs = fake();
    const minute = 60_000;
    for (const off of [-15 * minute + 1000, 15 * minute - 1000]) {
      expect(send(obs, signHeader(get, permanent, at(obs, off))).status).toBe(200);
    }
    for (const off of [-15 * minute - 1000, 15 * minute + 1000, 86_400_000]) {
      const response = send(obs, signHeader(get, permanent, at(obs, off)));
      expect(refusal(response)).toBe('403 RequestTimeTooSkewed');
      expect(Math.abs(Date.parse(textOf(response.body, 'ServerTime')) - obs.now())).toBeLessThan(minute);
    }
    const silent = fake({ tellsServerTime: false });
    expect(send(silent, signHeader(get, permanent, at(silent, 86_400_000))).body).not.toContain('ServerTime');
    const ahead = fake({ clockSkewMs: 20 * minute });
    expect(refusal(send(ahead, signHeader(get, permanent, at(ahead, -20 * minute))))).toBe('403 RequestTimeTooSkewed');
    expect(refusal(send(obs, { authorization: 'OBS PERMANENT:x' }))).toBe('403 AccessDenied');
  });

  it('accepts the token of temporary credentials until it expires', () => {
    const obs = fake();
    expect(send(obs, signHeader(get, temporary, at(obs))).status).toBe(200);
    for (const securityToken of [null, 'damaged']) {
      const response = send(obs, signHeader(get, { ...temporary, securityToken }, at(obs)));
      expect(refusal(response)).toBe('403 InvalidAccessKeyId');
      expect(textOf(response.body, 'Message')).toBe('The security token is invalid.');
    }
    obs.setCredentials([{ ...temporary, expiresAt: obs.now() - 1 }]);
    expect(refusal(send(obs, signHeader(get, temporary, at(obs))))).toBe('403 InvalidAccessKeyId');
    expect(refusal(send(obs, signHeader(get, temporary, at(obs), 'x-amz-')))).toBe('400 ExpiredToken');
    expect(refusal(send(obs, signV4(get, { ...temporary, securityToken: 'x' }, at(obs))))).toBe('400 InvalidToken');
  });

  it('responds in the dialect of the signature', () => {
    const obs = fake();
    const obsStyle = send(obs, signHeader(get, permanent, at(obs)));
    expect(obsStyle.headers).toHaveProperty('x-obs-request-id');
    expect(obsStyle.body).toContain('xmlns="http://obs.local.myhuaweicloud.com/doc/2015-06-30/"');
    for (const headers of [signHeader(get, permanent, at(obs), 'x-amz-'), signV4(get, permanent, at(obs))]) {
      const s3Style = send(obs, headers);
      expect(s3Style.status).toBe(200);
      expect(s3Style.headers).toHaveProperty('x-amz-request-id');
      expect(s3Style.headers).not.toHaveProperty('x-obs-request-id');
      expect(s3Style.body).toContain('xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
    }
  });

  it('accepts presigned URLs until they expire', () => {
    const obs = fake();
    const seconds = Math.floor(obs.now() / 1000);
    for (const prefix of ['x-obs-', 'x-amz-'] as const) {
      expect(send(obs, {}, signQuery(get, temporary, seconds + 60, at(obs), prefix)).status).toBe(200);
    }
    const late = send(obs, {}, signQuery(get, permanent, seconds - 60, at(obs)));
    expect(refusal(late)).toBe('403 RequestTimeTooSkewed');
    expect(textOf(late.body, 'Message')).toBe('Request has expired.');
    const lateS3 = send(obs, {}, signQuery(get, permanent, seconds - 60, at(obs), 'x-amz-'));
    expect(refusal(lateS3)).toBe('403 AccessDenied');
    expect(refusal(send(obs, {}, `${get.url}&AccessKeyId=PERMANENT`))).toBe('403 AccessDenied');
    const undeclared = send(obs, { 'x-obs-meta-a': 'b' }, signQuery(get, permanent, seconds + 60, at(obs)));
    expect(refusal(undeclared)).toBe('403 SignatureDoesNotMatch');
  });

  it('accepts presigned URLs of version 4 too', () => {
    const obs = fake();
    const url = (off = 0): string => signV4Query(get, temporary, 60, at(obs, off));
    expect(send(obs, {}, url())).toMatchObject({ status: 200, headers: { server: 'OBS' } });
    expect(send(obs, {}, url()).headers).toHaveProperty('x-amz-request-id');
    expect(refusal(send(obs, {}, url(-62_000)))).toBe('403 AccessDenied');
    expect(refusal(send(obs, {}, url().replace('uploads', 'uploads&prefix=a')))).toBe('403 SignatureDoesNotMatch');
    expect(refusal(send(obs, {}, url().replace('Expires=60', 'Expires=soon')))).toBe(
      '400 AuthorizationQueryParametersError',
    );
    expect(refusal(send(obs, {}, url().replace('eu-1%2Fs3', 'eu-1%2Fec2')))).toBe('400 AuthorizationHeaderMalformed');
    expect(refusal(send(obs, {}, url().replace('SignedHeaders=host', 'SignedHeaders=date')))).toBe('403 AccessDenied');
    expect(refusal(send(obs, { 'x-amz-meta-a': 'b' }, url()))).toBe('403 AccessDenied');
    expect(refusal(send(obs, {}, url().replace(/X-Amz-Date=\d{8}T/, 'X-Amz-Date=now')))).toBe('403 AccessDenied');
    const { 'x-amz-content-sha256': hash, ...others } = signV4(get, permanent, at(obs));
    expect(hash).toBe('UNSIGNED-PAYLOAD');
    expect(refusal(send(obs, others))).toBe('400 InvalidRequest');
  });

  it('accepts presigned URLs of version 4 for a week at most, and not before their date', () => {
    const obs = fake();
    const week = 7 * 24 * 3600;
    const url = (seconds: number, off = 0): string => signV4Query(get, temporary, seconds, at(obs, off));
    expect(send(obs, {}, url(week)).status).toBe(200);
    expect(refusal(send(obs, {}, url(week + 1)))).toBe('400 AuthorizationQueryParametersError');
    expect(send(obs, {}, url(60, 14 * 60_000)).status).toBe(200);
    const early = send(obs, {}, url(60, 16 * 60_000));
    expect([refusal(early), textOf(early.body, 'Message')]).toEqual(['403 AccessDenied', 'Request is not valid yet']);
  });

  it('allows unsigned requests to read public objects only', () => {
    const obs = fake();
    obs.putObject('media', 'open', new Uint8Array(3), { 'x-obs-acl': 'public-read' });
    obs.putObject('media', 'closed', new Uint8Array(3));
    expect(send(obs, {}, 'https://media.obs.test/open').status).toBe(200);
    expect(refusal(send(obs, {}, 'https://media.obs.test/closed'))).toBe('403 AccessDenied');
    expect(refusal(send(obs, {}, 'https://media.obs.test/none'))).toBe('403 AccessDenied');
  });

  it('restricts an upload to the account that initiated it', () => {
    const obs = fake({ credentials: [permanent, { ...temporary, securityToken: null, account: 'guest' }] });
    const uploadId = textOf(call(obs, { method: 'POST', target: 'k?uploads' }).body, 'UploadId');
    const target = `k?partNumber=1&uploadId=${uploadId}`;
    const body = new Uint8Array(1);
    const guest = { ...temporary, securityToken: null };
    expect(refusal(call(obs, { method: 'PUT', target, body, keys: guest }))).toBe('403 AccessDenied');
    expect(call(obs, { method: 'PUT', target, body }).status).toBe(200);
  });

  it('logs the access key ID of each request, but no secret', () => {
    const obs = fake();
    send(obs, signHeader(get, temporary, at(obs)));
    send(obs, signV4(get, permanent, at(obs)));
    send(obs, {}, signQuery(get, permanent, Math.floor(obs.now() / 1000) + 60, at(obs)));
    expect(obs.log.map((entry) => entry.accessKeyId)).toEqual(['TEMPORARY', 'PERMANENT', 'PERMANENT']);
    expect(JSON.stringify(obs.log)).not.toMatch(/tok\+|secret-|Signature=/);
  });
});
