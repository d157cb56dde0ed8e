import { createHash } from 'node:crypto';
import { from } from 'rxjs';
import { bytesOf, createFakeObs, fakeSource, type FakeSource } from '../../../../lib/testing/index.js';
import { fingerprint } from '../../../../lib/testing/bytes/fingerprint.js';
import type { StreamedBody } from '../../../../lib/ports/transport/transport.js';
import { complete, initiate, nowOf, putPart } from '../client.js';

function read(source: FakeSource, start: number, end: number): Uint8Array {
  const { values, error } = nowOf(from(source.read(start, end)));
  if (error !== null) throw error;
  return values[0] ?? new Uint8Array();
}

const hash = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('fakeSource', () => {
  it('has the same bytes wherever and however they are read', () => {
    const source = fakeSource({ size: 3_000_000, seed: 5 });
    const allBytes = bytesOf(source);
    expect(allBytes).toHaveLength(3_000_000);
    expect(hash(bytesOf(fakeSource({ size: 3_000_000, seed: 5 })))).toBe(hash(allBytes));
    for (const [start, end] of [
      [0, 10],
      [999_990, 1_100_000],
      [2_999_999, 3_000_000],
      [7, 7],
    ] as const) {
      expect(hash(read(source, start, end))).toBe(hash(allBytes.subarray(start, end)));
      expect(hash(source.slice(start, end) as Uint8Array)).toBe(hash(allBytes.subarray(start, end)));
    }
    expect(source.reads).toHaveLength(4);
    expect(source.slices).toHaveLength(4);
  });

  it('differs from part to part and from seed to seed', () => {
    const hashes = new Set<string>();
    for (const seed of [0, 1, 2, 3, 1000, -1]) {
      const source = fakeSource({ size: 100 * 1024 ** 3, seed });
      for (let part = 0; part < 50; part++) hashes.add(hash(read(source, part * 9_437_184, part * 9_437_184 + 1000)));
    }
    expect(hashes.size).toBe(300);
  });

  it('has a name, a type and a time', () => {
    expect(fakeSource()).toMatchObject({ name: 'fake.bin', size: 0, type: '', lastModified: 1_700_000_000_000 });
    const named = fakeSource({ name: null, type: 'a/b', lastModified: null, bytes: new Uint8Array([1, 2, 3]) });
    expect(named).toMatchObject({ name: null, size: 3, type: 'a/b', lastModified: null });
    expect(bytesOf(named)).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('is never completely in memory: large slices are generated as they are sent', async () => {
    const source = fakeSource({ size: 40 * 1024 ** 4 });
    const body = source.slice(5 * 1024 ** 3, 10 * 1024 ** 3) as StreamedBody;
    expect(body.size).toBe(5 * 1024 ** 3);
    const { value } = await body.stream().getReader().read();
    const start = 5 * 1024 ** 3;
    expect(hash(value ?? new Uint8Array())).toBe(hash(read(source, start, start + 1024 * 1024)));
  });

  it('can be edited: slices taken before have the old bytes', () => {
    const source = fakeSource({ size: 100 });
    const before = source.slice(0, 100);
    source.edit({ seed: 2, lastModified: 5 });
    expect(source).toMatchObject({ size: 100, lastModified: 5 });
    expect(source.slice(0, 100)).not.toEqual(before);
    source.edit({ size: 50 });
    expect(bytesOf(source)).toHaveLength(50);
    source.edit({ bytes: new Uint8Array(7) });
    expect(source.size).toBe(7);
  });

  it('can become unreadable, completely or in part, and be healed', async () => {
    const source = fakeSource({ size: 100 });
    source.failReads({ from: 50, to: 60 });
    expect(read(source, 0, 50)).toHaveLength(50);
    expect(() => read(source, 40, 51)).toThrow(expect.objectContaining({ name: 'NotReadableError' }));
    const body = source.slice(55, 56) as StreamedBody;
    await expect(body.stream().getReader().read()).rejects.toThrow('could not be read');
    const late = source.slice(70, 80);
    expect(late).toHaveLength(10);
    source.failReads({ error: new TypeError('mine') });
    expect(() => read(source, 0, 1)).toThrow(TypeError);
    source.heal();
    expect(read(source, 0, 100)).toHaveLength(100);
  });

  it('can return short reads', () => {
    const source = fakeSource({ size: 100 });
    source.shortenReads(3);
    expect(read(source, 10, 20)).toHaveLength(7);
    expect(source.slice(0, 2)).toHaveLength(0);
    expect(bytesOf(source)).toHaveLength(100);
  });

  it('is the only source that bytesOf accepts', () => {
    expect(() => bytesOf({ ...fakeSource() })).toThrow(TypeError);
  });
});

describe('many bytes', () => {
  it('have different fast ETags in many parts, and are all stored', () => {
    const obs = createFakeObs({ etags: 'fast', minPartBytes: 1 });
    const parts = 200;
    const size = 1024;
    const file = fakeSource({ size: parts * size });
    const uploadId = initiate(obs);
    const etags: [number, string][] = [];
    for (let n = 1; n <= parts; n++) {
      etags.push([n, putPart(obs, uploadId, n, file.slice((n - 1) * size, n * size)).headers.etag ?? '']);
    }
    expect(new Set(etags.map(([, etag]) => etag)).size).toBe(parts);
    expect(complete(obs, uploadId, etags).status).toBe(200);
    expect(hash(obs.object('a.bin')?.bytes ?? new Uint8Array())).toBe(hash(bytesOf(file)));
  });

  it('have a different fingerprint in each of 10,000 parts', () => {
    const bytes = bytesOf(fakeSource({ size: 10_000 * 100 }));
    const parts = Array.from({ length: 10_000 }, (_, i) => fingerprint([bytes.subarray(i * 100, (i + 1) * 100)]));
    expect(new Set(parts).size).toBe(10_000);
  });

  it('have the same fingerprint however they are split', () => {
    const bytes = bytesOf(fakeSource({ size: 1000 }));
    const expected = fingerprint([bytes]);
    expect(expected).toMatch(/^[0-9a-f]{32}$/);
    for (const step of [1, 3, 16, 17, 100, 999]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.slice(at, at + step));
      expect(fingerprint(chunks)).toBe(expected);
    }
    const shifted = Buffer.concat([new Uint8Array(1), bytes]).subarray(1);
    expect(fingerprint([shifted])).toBe(expected);
    expect(fingerprint([bytes.subarray(0, 999)])).not.toBe(expected);
    expect(fingerprint([])).not.toBe(fingerprint([new Uint8Array(1)]));
    const changed = new Uint8Array(bytes);
    changed[500] = (changed[500] ?? 0) ^ 1;
    expect(fingerprint([changed])).not.toBe(expected);
  });
});
