import { createHash, createHmac } from 'node:crypto';
import { fromHex, toBase64, toHex, utf8 } from '../../../../lib/bytes.js';
import { hmacSha1 } from '../../../../lib/ports/hash/hmac-sha1.js';
import { hmacSha256, sha256 } from '../../../../lib/ports/hash/hmac-sha256.js';
import { createMd5, md5Hex } from '../../../../lib/ports/hash/md5.js';
import { seededBytes } from '../../../support/seeded-bytes.js';

describe('hash', () => {
  it.each([0, 1, 3, 4, 55, 56, 63, 64, 65, 1000, 70_001])('agrees with OpenSSL on %i random bytes', (length) => {
    const bytes = new Uint8Array(seededBytes(length));
    expect(md5Hex(bytes)).toBe(createHash('md5').update(bytes).digest('hex'));
    expect(toHex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(toHex(hmacSha256(bytes, utf8('ключ')))).toBe(createHmac('sha256', bytes).update('ключ').digest('hex'));
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(fromHex(toHex(bytes))).toEqual(bytes);
  });

  it('computes an MD5 over pieces of any length', () => {
    const bytes = new Uint8Array(seededBytes(10_000));
    const md5 = createMd5();
    for (let start = 0, step = 1; start < bytes.length; start += step, step += 7) {
      md5.update(bytes.subarray(start, Math.min(start + step, bytes.length)));
    }
    expect(toHex(md5.digest())).toBe(md5Hex(bytes));
  });

  it('signs text beyond ASCII with a key beyond ASCII', () => {
    expect(toBase64(hmacSha1('clé/+')('PUT\n中文 🎈'))).toBe(
      createHmac('sha1', 'clé/+').update('PUT\n中文 🎈').digest('base64'),
    );
  });
});
