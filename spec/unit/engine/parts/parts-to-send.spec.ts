import { streamSource } from 'rx-obs-upload';
import { partsToSend } from '../../../../lib/engine/parts/growing.js';
import type { Cutting } from '../../../../lib/engine/upload.js';
import type { StreamedSource } from '../../../../lib/ports/source/streamed-source.js';

const partSize = 10;

/** An upload of a stream of that many bytes, read to its end or to the given position. */
function uploadOf(bytes: number, reached = bytes + 1): Cutting {
  const source = streamSource([new Uint8Array(bytes)]) as StreamedSource;
  source.reach(reached).subscribe();
  return { source, partSize, size: source.size };
}

/** Starts each part at once, and returns the part numbers and the error. */
function sendAll(
  upload: Cutting,
  uploaded: readonly number[] = [],
): { readonly parts: number[]; readonly error: unknown } {
  const parts: number[] = [];
  let error: unknown = null;
  const parts$ = partsToSend(
    upload,
    uploaded.map((partNumber) => ({ partNumber, size: partSize, etag: '' })),
  );
  parts$.part$.subscribe(({ partNumber }) => {
    parts.push(partNumber);
    parts$.started();
  });
  parts$.end$.subscribe({ error: (cause: unknown) => (error = cause) });
  return { parts, error };
}

describe('the parts of a stream', () => {
  it('are cut one ahead of the parts that were started', () => {
    const upload = uploadOf(35);
    const { part$, started, upcoming } = partsToSend(upload, []);
    const numbers: number[] = [];
    part$.subscribe(({ partNumber }) => numbers.push(partNumber));
    expect(numbers).toEqual([1]);
    expect(upcoming(5)).toEqual([{ partNumber: 1, start: 0, end: 10 }]);
    started();
    expect(numbers).toEqual([1, 2]);
  });

  it('are those that the server does not have', () => {
    expect(sendAll(uploadOf(35), [1, 3])).toEqual({ parts: [2, 4], error: null });
    expect(sendAll(uploadOf(0))).toEqual({ parts: [1], error: null });
    expect(sendAll(uploadOf(30), [1, 2, 3])).toEqual({ parts: [], error: null });
  });

  it('are at most 10,000: more is a typed error, announced by a warning at 90 %', () => {
    expect(sendAll(uploadOf(100_000)).error).toBeNull();
    const { parts, error } = sendAll(uploadOf(100_001));
    expect(parts).toHaveLength(10_000);
    expect(error).toMatchObject({ name: 'SourceError', code: 'source-too-large', resumable: false });
    const warnings: unknown[] = [];
    const { warningOf } = partsToSend(uploadOf(90_001, 90_000), []);
    for (const partNumber of parts) {
      const warning = warningOf({ partNumber, start: 0, end: 10 });
      if (warning !== null) warnings.push(warning);
    }
    expect(warnings).toEqual([{ type: 'warning', error: expect.objectContaining({ code: 'source-too-large' }) }]);
  });
});
