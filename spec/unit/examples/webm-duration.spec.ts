import { lastValueFrom } from 'rxjs';
import { withDuration$, writeDuration } from '../../../examples/recorder/webm-duration.js';

type Bytes = readonly number[];

const EBML: Bytes = [0x1a, 0x45, 0xdf, 0xa3, 0x84, 0x42, 0x86, 0x81, 0x01];
const OPEN_SEGMENT: Bytes = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const MILLISECONDS: Bytes = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40];
const APPS: Bytes = [0x4d, 0x80, 0x82, 0x43, 0x68, 0x57, 0x41, 0x82, 0x43, 0x68];
const CLUSTER: Bytes = [0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe7, 0x81, 0x00];

function infoOf(...content: Bytes): Bytes {
  return [0x15, 0x49, 0xa9, 0x66, 0x80 | content.length, ...content];
}

/** The Info as it is written: its size takes eight bytes, and the duration is at its end. */
function writtenInfo(content: Bytes, duration: number): Bytes {
  const ticks = new Uint8Array(8);
  new DataView(ticks.buffer).setFloat64(0, duration);
  const all = [...content, 0x44, 0x89, 0x88, ...ticks];
  return [0x15, 0x49, 0xa9, 0x66, 0x01, 0, 0, 0, 0, 0, 0, all.length, ...all];
}

function written(head: Bytes, seconds: number): Bytes | null {
  const bytes = writeDuration(Uint8Array.from(head), seconds);
  return bytes === null ? null : [...bytes];
}

describe('writeDuration', () => {
  it('adds the duration to the header of a recording, in its time unit', () => {
    const head = [...EBML, ...OPEN_SEGMENT, ...infoOf(...MILLISECONDS, ...APPS), ...CLUSTER];
    const expected = [...EBML, ...OPEN_SEGMENT, ...writtenInfo([...MILLISECONDS, ...APPS], 12_345), ...CLUSTER];
    expect(written(head, 12.345)).toEqual(expected);
  });

  it('assumes milliseconds if no unit is given, and respects other units', () => {
    expect(written([...EBML, ...OPEN_SEGMENT, ...infoOf(...APPS)], 3)).toEqual([
      ...EBML,
      ...OPEN_SEGMENT,
      ...writtenInfo(APPS, 3000),
    ]);
    const microseconds = [0x2a, 0xd7, 0xb1, 0x82, 0x03, 0xe8];
    expect(written([...EBML, ...OPEN_SEGMENT, ...infoOf(...microseconds)], 3)).toEqual([
      ...EBML,
      ...OPEN_SEGMENT,
      ...writtenInfo(microseconds, 3_000_000),
    ]);
  });

  it('replaces an existing duration', () => {
    const head = [...EBML, ...OPEN_SEGMENT, ...infoOf(...MILLISECONDS), ...CLUSTER];
    const once = written(head, 1) ?? [];
    expect(written(once, 2)).toEqual(written(head, 2));
  });

  it.each([
    ['a file that is not WebM', [0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70, 0x69, 0x73, 0x6f, 0x6d]],
    ['an empty file', []],
    ['a file that is cut off in its Info', [...EBML, ...OPEN_SEGMENT, ...infoOf(...MILLISECONDS, ...APPS).slice(0, 9)]],
    ['a Segment whose size is known', [...EBML, 0x18, 0x53, 0x80, 0x67, 0x8c, ...infoOf(...MILLISECONDS)]],
    ['a Segment that does not begin with its Info', [...EBML, ...OPEN_SEGMENT, ...CLUSTER, ...infoOf(...MILLISECONDS)]],
  ])('leaves %s alone', (_, head) => {
    expect(written(head, 1)).toBeNull();
  });
});

describe('withDuration$', () => {
  it('replaces the header of the first part, and preserves the rest and the type', async () => {
    const rest = new Uint8Array(10_000).fill(7);
    const head = [...EBML, ...OPEN_SEGMENT, ...infoOf(...MILLISECONDS), ...CLUSTER];
    const part = new Blob([Uint8Array.from(head), rest], { type: 'video/webm' });
    const changed = await lastValueFrom(withDuration$(part, 5));
    expect(changed.type).toBe('video/webm');
    expect([...new Uint8Array(await changed.arrayBuffer())]).toEqual([...(written(head, 5) ?? []), ...rest]);
  });

  it('returns an unknown file unchanged', async () => {
    const part = new Blob(['something else']);
    expect(await lastValueFrom(withDuration$(part, 5))).toBe(part);
  });
});
