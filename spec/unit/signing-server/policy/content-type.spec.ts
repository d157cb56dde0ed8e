import { requirePassive } from '../../../../lib/signing-server/policy/content-type.js';
import { refusal } from '../support.js';

describe('the type of an object', () => {
  it.each([
    'video/mp4',
    'text/plain; charset=utf-8',
    'TEXT/Plain;charset="utf-8"',
    'application/octet-stream',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.ms-excel',
    'application/pdf',
    'image/png',
    'IMAGE/JPEG',
    'audio/ogg; codecs=opus',
    'font/woff2',
    'application/zip',
    'application/json',
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
    'application/unknown',
    'unknown/unknown',
    'Application/Unknown; charset=utf-8',
    'text/unknown',
    'image/unknown',
    'image/x-anything',
    'video/x+xml',
    'text/javascript',
    'application/javascript',
    'application/ecmascript',
    'text/css',
    'application/x-shockwave-flash',
    'application/x-java-applet',
    'application/mhtml',
    'application/x-mimearchive',
    'multipart/related',
    'text/cache-manifest',
    'application/vnd.mozilla.xul+xml',
    'application/octet-stream+xml',
    'model/x3d-vrml',
    'toString/valueOf',
    'constructor/name',
  ])('may not be %s', (type) => {
    expect(refusal(() => requirePassive(type))).toBe(403);
  });

  it('may be a configured type', () => {
    expect(refusal(() => requirePassive('text/css', ['text/css']))).toBeNull();
    expect(refusal(() => requirePassive('text/css; charset=utf-8', ['text/css']))).toBeNull();
    expect(refusal(() => requirePassive('text/html', ['text/css']))).toBe(403);
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
  ])('may not be missing or ambiguous: %p', (type) => {
    expect(refusal(() => requirePassive(type))).toBe(403);
  });
});
