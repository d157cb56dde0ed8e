import { createHash } from 'node:crypto';
import { InvalidOptionsError } from '../../../../lib/model/errors/errors.js';
import type { ObjectOptions } from '../../../../lib/model/object-options.js';
import { obsDialect, requireSupported } from '../../../../lib/protocol/dialect.js';
import { s3Dialect, v2Dialect } from '../../../../lib/protocol/s3-dialect.js';
import {
  completionHeaders,
  customerKeyHeaders,
  objectHeaders,
} from '../../../../lib/protocol/request/object-headers.js';

const common: ObjectOptions = {
  contentType: 'video/mp4',
  cacheControl: 'no-store',
  contentDisposition: 'attachment; filename="ä.mp4"',
  contentEncoding: 'gzip',
  contentLanguage: 'de',
  acl: 'private',
  storageClass: 'WARM',
  websiteRedirectLocation: '/index.html',
  tagging: { 'a b': 'c&d' },
  metadata: { Owner: 'Zoë 中' },
  sse: { type: 'kms', keyId: 'key-1' },
};
const standard = {
  'Content-Type': 'video/mp4',
  'Cache-Control': 'no-store',
  'Content-Disposition': 'attachment; filename="%C3%A4.mp4"',
  'Content-Encoding': 'gzip',
  'Content-Language': 'de',
};

describe('objectHeaders', () => {
  it('uses the headers of OBS', () => {
    expect(objectHeaders({ ...common, expires: 30 }, null, obsDialect)).toEqual({
      ...standard,
      'x-obs-acl': 'private',
      'x-obs-storage-class': 'WARM',
      'x-obs-expires': '30',
      'x-obs-website-redirect-location': '/index.html',
      'x-obs-tagging': 'a%20b=c%26d',
      'x-obs-meta-owner': 'Zo%C3%AB %E4%B8%AD',
      'x-obs-server-side-encryption': 'kms',
      'x-obs-server-side-encryption-kms-key-id': 'key-1',
    });
  });

  it('uses the headers of S3', () => {
    expect(objectHeaders(common, null, s3Dialect)).toEqual({
      ...standard,
      'x-amz-acl': 'private',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-website-redirect-location': '/index.html',
      'x-amz-tagging': 'a%20b=c%26d',
      'x-amz-meta-owner': 'Zo%C3%AB %E4%B8%AD',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
    });
  });

  it.each([
    ['x-obs-', obsDialect],
    ['x-amz-', s3Dialect],
  ])('encrypts with keys of the service and of the customer, with the prefix %s', (prefix, dialect) => {
    const key = new Uint8Array(32).fill(7);
    const customer = {
      [`${prefix}server-side-encryption-customer-algorithm`]: 'AES256',
      [`${prefix}server-side-encryption-customer-key`]: Buffer.from(key).toString('base64'),
      [`${prefix}server-side-encryption-customer-key-MD5`]: createHash('md5').update(key).digest('base64'),
    };
    expect(objectHeaders({ sse: { type: 'AES256' } }, null, dialect)).toEqual({
      [`${prefix}server-side-encryption`]: 'AES256',
    });
    expect(objectHeaders({ sse: { type: 'customer' } }, key, dialect)).toEqual(customer);
    expect(customerKeyHeaders(key, dialect)).toEqual(customer);
    expect(customerKeyHeaders(null, dialect)).toEqual({});
  });

  it.each([
    ['STANDARD', 'STANDARD'],
    ['WARM', 'STANDARD_IA'],
    ['COLD', 'GLACIER'],
    ['DEEP_ARCHIVE', 'DEEP_ARCHIVE'],
    ['INTELLIGENT_TIERING', 'INTELLIGENT_TIERING'],
  ] as const)('maps %s to %s in S3', (storageClass, name) => {
    expect(objectHeaders({ storageClass }, null, s3Dialect)).toEqual({ 'x-amz-storage-class': name });
    expect(objectHeaders({ storageClass }, null, obsDialect)).toEqual({ 'x-obs-storage-class': storageClass });
  });
});

describe('completionHeaders', () => {
  it('forbids overwriting with the header of each dialect', () => {
    expect(completionHeaders({ forbidOverwrite: true }, obsDialect)).toEqual({ 'x-obs-forbid-overwrite': 'true' });
    expect(completionHeaders({ forbidOverwrite: true }, s3Dialect)).toEqual({ 'If-None-Match': '*' });
    const both = { 'If-None-Match': '*', 'x-amz-forbid-overwrite': 'true' };
    expect(completionHeaders({ forbidOverwrite: true }, v2Dialect)).toEqual(both);
    for (const dialect of [obsDialect, s3Dialect, v2Dialect]) {
      expect(completionHeaders({ forbidOverwrite: false }, dialect)).toEqual({});
    }
  });

  it('requests a callback from OBS', () => {
    const callback = { url: 'https://app.test/done?x=1', body: 'key=$(key)', bodyType: 'application/json' } as const;
    const { 'x-obs-callback': header = '' } = completionHeaders({ callback }, obsDialect);
    expect(JSON.parse(Buffer.from(header, 'base64').toString('utf8'))).toEqual({
      callbackUrl: 'https%3A%2F%2Fapp.test%2Fdone%3Fx%3D1',
      callbackBody: 'key=$(key)',
      callbackBodyType: 'application/json',
    });
  });
});

describe('requireSupported', () => {
  it.each<[string, ObjectOptions]>([
    ['expires', { expires: 30 }],
    ['callback', { callback: { url: 'https://app.test/', body: 'x' } }],
    ['storageClass', { storageClass: 'HIGH_PERFORMANCE' }],
  ])('refuses %s, which S3 does not have', (option, object) => {
    expect(() => requireSupported(object, s3Dialect)).toThrow(InvalidOptionsError);
    expect(() => requireSupported(object, s3Dialect)).toThrow(expect.objectContaining({ option }));
    expect(() => requireSupported(object, obsDialect)).not.toThrow();
  });

  it('accepts what both dialects support', () => {
    expect(() => requireSupported({ ...common, forbidOverwrite: true }, s3Dialect)).not.toThrow();
  });
});
