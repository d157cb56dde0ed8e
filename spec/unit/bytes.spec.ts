import { fromUtf8, utf8 } from '../../lib/bytes.js';

const TEXTS = ['', 'a.bin', 'Grüße', 'дом', '\u{1F3E0}', '%41 %', '\ud800', 'a\udc00b', '\u{0}\n'];

describe.each(['with', 'without'])('utf8 %s TextEncoder and TextDecoder', (which) => {
  const { TextDecoder, TextEncoder } = globalThis;

  beforeEach(() => {
    if (which === 'without') Object.assign(globalThis, { TextDecoder: undefined, TextEncoder: undefined });
  });

  afterEach(() => {
    Object.assign(globalThis, { TextDecoder, TextEncoder });
  });

  it.each(TEXTS)('encodes and decodes %j as Node does', (text) => {
    expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text)));
    expect(fromUtf8(utf8(text))).toBe(Buffer.from(text).toString());
  });
});
