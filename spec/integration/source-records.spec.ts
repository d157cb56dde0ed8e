import * as fc from 'fast-check';
import { createObsConnection, parseCheckpoint, uploadFile$ } from 'rx-obs-upload';
import { createFakeObs, fakeSource, on } from 'rx-obs-upload/testing';
import { lastCheckpoint, PART, withOverrides } from '../support/upload-world.js';
import { at, record, runVirtually } from '../support/virtual-time.js';

const file = fakeSource({ name: 'film.mp4', size: PART + 1 });

/** Uploads one of two parts, serializes the checkpoint, and resumes with the parsed one. */
function storeAndResume(overrides: object) {
  const source = withOverrides(file, overrides);
  const { server, transport, credentials, bucket, addFaults, clearFaults } = createFakeObs();
  const obs = createObsConnection({ server, transport, credentials });
  const request = { bucket, key: 'a', sourceFile: source, partSize: PART, retry: { maxAttempts: 1 } };
  addFaults(on('uploadPart', { partNumber: 2 }).respond(403, 'AccessDenied'));
  const first = runVirtually(() => record(uploadFile$(obs, request)));
  const uploadCheckpoint = parseCheckpoint(JSON.parse(JSON.stringify(lastCheckpoint(first))));
  clearFaults();
  const last = runVirtually(() => record(uploadFile$(obs, { ...request, uploadCheckpoint })));
  return { uploadCheckpoint, last };
}

describe('the metadata of a source', () => {
  it.each<[what: string, overrides: object, expected: object]>([
    ['a name of 5,000 characters', { name: 'n'.repeat(5000) }, { name: 'n'.repeat(4096) }],
    [
      'a name that is cut inside a surrogate pair',
      { name: `${'n'.repeat(4095)}😀` },
      { name: `${'n'.repeat(4095)}\ufffd` },
    ],
    ['a lone surrogate in the name', { name: 'a\ud800b' }, { name: 'a\ufffdb' }],
    ['no name', { name: undefined }, { name: null }],
    ['a name that is not a string', { name: 42 }, { name: null }],
    ['control characters in the name', { name: 'a\u0000\nb' }, { name: 'a\u0000\nb' }],
    ['a date that is NaN', { lastModified: Number.NaN }, { lastModified: null }],
    ['an infinite date', { lastModified: Number.POSITIVE_INFINITY }, { lastModified: null }],
    ['no date', { lastModified: undefined }, { lastModified: null }],
    ['a Date', { lastModified: new Date(5) }, { lastModified: null }],
    ['a fractional date', { lastModified: 1700000000000.25 }, { lastModified: 1700000000000.25 }],
  ])('is stored as a valid checkpoint: %s', (_, overrides, expected) => {
    const { uploadCheckpoint, last } = storeAndResume(overrides);
    expect(uploadCheckpoint.file).toMatchObject(expected);
    expect(last.values.at(-1)).toMatchObject({ type: 'completed' });
  });

  it.each([' ', 'text/plain\r\nx-obs-acl: public-read', 'a\u0000b', '\ud800', undefined, 42, 't'.repeat(5000)])(
    'is uploaded with the type of the extension if its own type is invalid: %p',
    (type) => {
      const { uploadCheckpoint, last } = storeAndResume({ type });
      expect(uploadCheckpoint.object.contentType).toBe('video/mp4');
      expect(last.values.at(-1)).toMatchObject({ type: 'completed' });
    },
  );

  it.each(['multi', 'single'])('is overridden by a contentType, which is trimmed: %s', (parts) => {
    const { server, transport, credentials, bucket, object } = createFakeObs();
    const obs = createObsConnection({ server, transport, credentials });
    const partSize = parts === 'multi' ? PART : 2 * PART;
    const upload$ = uploadFile$(obs, { bucket, key: 'a', sourceFile: file, partSize, contentType: ' text/plain ' });
    expect(runVirtually(() => record(upload$)).values.at(-1)).toMatchObject({ type: 'completed' });
    expect(object('a')?.headers['content-type']).toBe('text/plain');
  });

  it('is checked for changes during the upload, even with an invalid name', () => {
    let size = file.size;
    const source = withOverrides(file, { name: 'a\ud800' });
    const growing = Object.defineProperty({ ...source }, 'size', { get: () => size });
    const { server, transport, credentials, bucket } = createFakeObs({ latencyMs: 10 });
    const obs = createObsConnection({ server, transport, credentials });
    const request = { bucket, key: 'a', sourceFile: growing, partSize: PART };
    const { error } = runVirtually(() => {
      at(15, () => size++);
      return record(uploadFile$(obs, request));
    });
    expect(error).toMatchObject({ code: 'source-changed' });
  });

  it('results in a valid checkpoint, whatever it contains', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', minLength: 4000, maxLength: 5000 }),
    );
    const half = fc.constantFrom('\ud800', 'x\udc00y', '\u0000', '\r\n', '');
    const anything = fc.oneof(fc.anything(), text, half);
    fc.assert(
      fc.property(anything, anything, fc.oneof(fc.double(), fc.anything()), (name, type, lastModified) => {
        const { last } = storeAndResume({ name, type, lastModified });
        expect(last.values.at(-1)).toMatchObject({ type: 'completed' });
      }),
      { numRuns: 60 },
    );
  });
});
