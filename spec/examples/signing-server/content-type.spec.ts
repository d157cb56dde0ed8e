import { requirePassive } from '../../../examples/signing-server/policy/content-type.js';
import { refusal } from './support.js';

describe('the type of an object', () => {
  it.each([
    'video/mp4',
    'text/plain; charset=utf-8',
    'TEXT/Plain;charset="utf-8"',
    'application/octet-stream',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.ms-excel',
    'application/pdf',
  ])('may be %s', (type) => {
    expect(refusal(() => requirePassive(type))).toBeNull();
  });

  it.each([
    'text/html',
    'TEXT/HTML',
    'text/html;charset=utf-8',
    'application/xhtml+xml',
    'application/vnd.wap.xhtml+xml',
    'image/svg+xml',
    'image/svg',
    'text/xml',
    'application/xml',
    'application/rss+xml',
    'application/mathml+xml',
    'application/xslt+xml',
    'text/xsl',
    'text/x-html',
    'multipart/x-mixed-replace',
    'message/rfc822',
  ])('may not be %s', (type) => {
    expect(refusal(() => requirePassive(type))).toBe(403);
  });

  it.each([
    undefined,
    '',
    'html',
    '*/*',
    'image/png, text/html',
    'image/png;a="b,text/html"',
    'image/png;,text/html',
    'image/png text/html',
    ' text/html',
    'text/html\t',
    'image/',
    '/html',
  ])('may not be the unclear %p', (type) => {
    expect(refusal(() => requirePassive(type))).toBe(403);
  });
});
