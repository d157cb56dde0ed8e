import { requireHarmlessHeaders } from '../../../../lib/signing-server/policy/headers.js';
import { policy, refusal } from '../support.js';

const type = { 'Content-Type': 'video/mp4' };
const xml = { 'Content-Type': 'application/xml' };
const amz = { headerPrefix: 'x-amz-', allowedHeaders: [], allowedTypes: [] } as const;

describe('the headers that are signed', () => {
  it.each([
    ['initiate', { ...type, 'Cache-Control': 'no-cache', 'x-obs-meta-owner': 'me' }],
    ['put', { ...type, 'Content-MD5': 'x', 'x-obs-forbid-overwrite': 'true' }],
    ['part', { 'Content-MD5': 'x', 'x-obs-checksum-crc64ecma': '1', 'x-obs-traffic-limit': '819200' }],
    ['initiate', { ...type, 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'FULL_OBJECT' }],
    ['complete', { ...xml, 'x-amz-checksum-crc64nvme': 'x', 'x-amz-mp-object-size': '1', 'If-Match': '"e"' }],
    ['complete', { ...xml, 'x-obs-forbid-overwrite': 'true' }],
    ['put', { ...type, 'x-amz-forbid-overwrite': 'true', 'If-None-Match': '*' }],
    ['complete', { ...xml, 'x-amz-forbid-overwrite': 'true', 'If-None-Match': '*' }],
    ['list-parts', {}],
    ['abort', {}],
    ['head', {}],
    ['head', { 'x-amz-checksum-mode': 'ENABLED' }],
  ] as const)('of %s may be %j', (call, headers) => {
    expect(refusal(() => requireHarmlessHeaders(headers, call, policy))).toBeNull();
  });

  const harmful = [
    'acl',
    'grant-read',
    'grant-read-acp',
    'grant-write-acp',
    'grant-full-control',
    'callback',
    'website-redirect-location',
    'expires',
    'object-lock-mode',
    'object-lock-retain-until-date',
    'tagging',
    'storage-class',
    'copy-source',
    'server-side-encryption',
    'security-token',
    'metadata-directive',
  ];
  const cases = (['initiate', 'put', 'part', 'complete', 'head'] as const).flatMap((call) =>
    (['x-obs-', 'x-amz-'] as const).flatMap((prefix) => harmful.map((name) => [call, prefix + name, prefix] as const)),
  );

  it.each(cases)('of %s may not be %s, in upper or lower case', (call, name, headerPrefix) => {
    const base = call === 'complete' ? xml : call === 'part' || call === 'head' ? {} : type;
    for (const header of [name, name.toUpperCase()]) {
      const headers = { ...base, [header]: 'public-read' };
      expect(refusal(() => requireHarmlessHeaders(headers, call, { ...amz, headerPrefix }))).toBe(403);
    }
  });

  it('may be a configured header', () => {
    const configured = { ...policy, allowedHeaders: ['x-obs-storage-class'] };
    const headers = { ...type, 'x-obs-storage-class': 'WARM' };
    expect(refusal(() => requireHarmlessHeaders(headers, 'initiate', configured))).toBeNull();
  });

  it.each([
    ['metadata of the other dialect', 'initiate', { ...type, 'x-obs-meta-a': 'b' }, amz, 403],
    ['metadata on a part', 'part', { 'x-obs-meta-a': 'b' }, policy, 403],
    ['a range', 'head', { Range: 'bytes=0-1' }, policy, 403],
    ['a type on a part', 'part', { 'Content-Type': 'text/html' }, policy, 403],
    ['a complete that is not XML', 'complete', { 'Content-Type': 'text/html' }, policy, 400],
    ['a complete without a type', 'complete', {}, policy, 400],
    ['the same header twice', 'initiate', { ...type, 'content-type': 'text/html' }, policy, 400],
    ['a line break', 'initiate', { ...type, 'x-obs-meta-a': 'b\r\nx-obs-acl: public-read' }, policy, 400],
    ['a name with a line break', 'initiate', { ...type, 'x-obs-meta-a\nx-obs-acl': 'b' }, policy, 403],
  ] as const)('may not have %s', (_, call, headers, allowed, status) => {
    expect(refusal(() => requireHarmlessHeaders(headers, call, allowed))).toBe(status);
  });
});
