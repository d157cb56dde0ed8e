import fc from 'fast-check';
import { combineCrc64 } from '../../../../lib/ports/hash/crc.js';
import { createDigest } from '../../../../lib/ports/hash/hasher.js';
import { toHex, utf8 } from '../../../../lib/bytes.js';
import { createHash } from 'node:crypto';

const hexOf = (algorithm: Parameters<typeof createDigest>[0], ...pieces: readonly Uint8Array[]): string =>
  toHex(pieces.reduce((digest, piece) => digest.update(piece), createDigest(algorithm)).digest());

/** Computes a CRC bit by bit, as the CRC catalogue defines it. */
function plainCrc(polynomial: bigint, bits: bigint, bytes: Uint8Array): string {
  const ones = (1n << bits) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return (crc ^ ones).toString(16).padStart(Number(bits) / 4, '0');
}

describe('checksums', () => {
  it.each([
    ['crc64ecma', '995dc9bbdf1939fa'],
    ['crc64nvme', 'ae8b14860a799888'],
    ['crc32c', 'e3069283'],
    ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
    ['md5', '25f9e794323b453885f5181f1b624d0b'],
  ] as const)('%s of the check string of the CRC catalogue', (algorithm, expected) => {
    expect(hexOf(algorithm, utf8('123456789'))).toBe(expected);
  });

  it.each([
    ['crc64ecma', 0xc96c5795d7870f42n, 64n],
    ['crc64nvme', 0x9a6c9329ac4bc9b5n, 64n],
    ['crc32c', 0x82f63b78n, 32n],
  ] as const)('%s of any pieces matches its definition', (algorithm, polynomial, bits) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        expect(hexOf(algorithm, ...pieces)).toBe(plainCrc(polynomial, bits, Buffer.concat(pieces)));
      }),
    );
  });

  it('SHA-256 of any pieces matches that of Node', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        expect(hexOf('sha256', ...pieces)).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
      }),
    );
  });

  it.each(['crc64ecma', 'crc64nvme'] as const)(
    '%s of the complete data is combined from those of its pieces',
    (algorithm) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
          const sized = pieces.map((piece) => ({
            crc: createDigest(algorithm).update(piece).digest(),
            size: piece.length,
          }));
          expect(toHex(combineCrc64(algorithm, sized))).toBe(hexOf(algorithm, ...pieces));
        }),
      );
    },
  );
});
