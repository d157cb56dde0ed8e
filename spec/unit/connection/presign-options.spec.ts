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

function optionRefused(options: object): string | null {
  try {
    createObsConnection({ server, ...options } as ObsConnectionOptions);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).not.toContain('SECRET');
    return (error as InvalidOptionsError).option;
  }
}

describe('who signs for a connection', () => {
  it.each([
    ['neither', {}, 'credentials'],
    ['both', { credentials, presign }, 'credentials'],
    ['presign and a signer', { presign, signer: obsSigner() }, 'signer'],
    ['presign that is no function', { presign: '/api/sign' }, 'presign'],
    ['presign that is null', { presign: null }, 'presign'],
    ['a dialect without presign', { credentials, dialect: s3Dialect }, 'dialect'],
    ['hosts without presign', { credentials, allowedHosts: [] }, 'allowedHosts'],
    ['hosts that are no list', { presign, allowedHosts: 'cdn.example' }, 'allowedHosts'],
    ['a host with a scheme', { presign, allowedHosts: ['https://cdn.example'] }, 'allowedHosts'],
    ['a host with a path', { presign, allowedHosts: ['cdn.example/x'] }, 'allowedHosts'],
    ['a host with a user', { presign, allowedHosts: ['me@cdn.example'] }, 'allowedHosts'],
    ['a host with a query', { presign, allowedHosts: ['cdn.example?'] }, 'allowedHosts'],
    ['any host', { presign, allowedHosts: ['*.example'] }, 'allowedHosts'],
    ['an empty host', { presign, allowedHosts: [''] }, 'allowedHosts'],
    ['no host', { presign, allowedHosts: [null] }, 'allowedHosts'],
    [
      'another machine by http',
      { server: 'http://localhost:1', presign, allowedHosts: ['cdn.example'] },
      'allowedHosts',
    ],
  ])('%s: InvalidOptionsError', (_, options, option) => {
    expect(optionRefused(options)).toBe(option);
  });

  it.each([
    ['keys', { credentials }],
    ['keys and a signer', { credentials, signer: obsSigner() }],
    ['presign', { presign }],
    ['presign in a dialect, for hosts', { presign, dialect: s3Dialect, allowedHosts: ['CDN.example:8443'] }],
  ])('%s: fine', (_, options) => {
    expect(optionRefused(options)).toBeNull();
  });

  it('is one or the other by its type', () => {
    const options: ObsConnectionOptions[] = [
      { server, credentials },
      { server, presign, dialect: s3Dialect, allowedHosts: [] },
      // @ts-expect-error somebody must sign
      { server },
      // @ts-expect-error not two of them
      { server, credentials, presign },
      // @ts-expect-error a backend has its own signer
      { server, presign, signer: obsSigner() },
      // @ts-expect-error keys have their signer's dialect
      { server, credentials, dialect: s3Dialect },
    ];
    expect(options).toHaveLength(6);
  });
});
