import { EMPTY } from 'rxjs';
import {
  createObsConnection,
  InvalidOptionsError,
  obsSigner,
  s3Dialect,
  type ObsConnectionOptions,
} from 'rx-obs-upload';

const server = 'https://obs.test';
const credentials = { accessKeyId: 'AK', secretAccessKey: 'SECRET' };
const presign = (): typeof EMPTY => EMPTY;

function invalidOption(options: object): string | null {
  try {
    createObsConnection({ server, ...options } as ObsConnectionOptions);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).not.toContain('SECRET');
    return (error as InvalidOptionsError).option;
  }
}

describe('the signing options of a connection', () => {
  it.each([
    ['neither credentials nor presign', {}, 'credentials'],
    ['both credentials and presign', { credentials, presign }, 'credentials'],
    ['presign and a signer', { presign, signer: obsSigner() }, 'signer'],
    ['presign that is not a function', { presign: '/api/sign' }, 'presign'],
    ['presign that is null', { presign: null }, 'presign'],
    ['a dialect without presign', { credentials, dialect: s3Dialect }, 'dialect'],
    ['allowedHosts without presign', { credentials, allowedHosts: [] }, 'allowedHosts'],
    ['allowedHosts that is not a list', { presign, allowedHosts: 'cdn.example' }, 'allowedHosts'],
    ['a host with a scheme', { presign, allowedHosts: ['https://cdn.example'] }, 'allowedHosts'],
    ['a host with a path', { presign, allowedHosts: ['cdn.example/x'] }, 'allowedHosts'],
    ['a host with a user', { presign, allowedHosts: ['me@cdn.example'] }, 'allowedHosts'],
    ['a host with a query', { presign, allowedHosts: ['cdn.example?'] }, 'allowedHosts'],
    ['a wildcard host', { presign, allowedHosts: ['*.example'] }, 'allowedHosts'],
    ['an empty host', { presign, allowedHosts: [''] }, 'allowedHosts'],
    ['a host that is null', { presign, allowedHosts: [null] }, 'allowedHosts'],
    [
      'another machine over HTTP',
      { server: 'http://localhost:1', presign, allowedHosts: ['cdn.example'] },
      'allowedHosts',
    ],
  ])('are invalid: %s', (_, options, option) => {
    expect(invalidOption(options)).toBe(option);
  });

  it.each([
    ['credentials', { credentials }],
    ['credentials and a signer', { credentials, signer: obsSigner() }],
    ['presign', { presign }],
    ['presign with a dialect and allowedHosts', { presign, dialect: s3Dialect, allowedHosts: ['CDN.example:8443'] }],
  ])('are valid: %s', (_, options) => {
    expect(invalidOption(options)).toBeNull();
  });

  it('are credentials or presign by type', () => {
    const options: ObsConnectionOptions[] = [
      { server, credentials },
      { server, presign, dialect: s3Dialect, allowedHosts: [] },
      // @ts-expect-error either credentials or presign is required
      { server },
      // @ts-expect-error not both of them
      { server, credentials, presign },
      // @ts-expect-error a backend has its own signer
      { server, presign, signer: obsSigner() },
      // @ts-expect-error credentials use their signer's dialect
      { server, credentials, dialect: s3Dialect },
    ];
    expect(options).toHaveLength(6);
  });
});
