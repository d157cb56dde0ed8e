import { escapeXml, plainXml, unescapeXml } from '../../../lib/protocol/plain-xml.js';
import { integerOf, isTrue, parseXml, textOf } from '../../../lib/protocol/xml.js';

describe('plainXml', () => {
  it.each([
    ['a document type', '<!DOCTYPE R [<!ENTITY a "b">]><R><Id>1</Id></R>'],
    ['an entity that is not predefined', '<R><Id>&a19;</Id></R>'],
    ['an entity in another case', '<R><Id>&AMP;</Id></R>'],
    ['a bare ampersand', '<R><Id>a & b</Id></R>'],
    ['an ampersand without its semicolon', '<R><Id>a&amp b</Id></R>'],
    ['a bare ampersand in an attribute', '<R x="a&b"><Id>1</Id></R>'],
    ['end tags that do not match', '<R><Id>1</R></Id>'],
    ['an end tag with a different name', '<R><Id>1</ID></R>'],
    ['one end tag too many', '<R><Id>1</Id></R></R>'],
    ['an end tag alone', '</R>'],
    ['text before the root', 'x<R><Id>1</Id></R>'],
    ['text after the root', '<R><Id>1</Id></R>x'],
    ['a CDATA section after the root', '<R/><![CDATA[x]]>'],
    ['two roots', '<R/><R/>'],
    ['a document truncated in text', '<R><Id>1'],
    ['a document truncated in a tag', '<R><Id>1</I'],
    ['a document truncated after the id', '<R><Id>1</Id>'],
    ['an unclosed comment', '<R/><!-- x'],
    ['an unclosed CDATA section', '<R><Id><![CDATA[x</Id></R>'],
    ['a reference to NUL', '<R><Id>&#0;</Id></R>'],
    ['a reference to a lone surrogate', '<R><Id>&#xD800;</Id></R>'],
    ['a reference to a non-character', '<R><Id>&#xFFFE;</Id></R>'],
    ['a reference beyond Unicode', '<R><Id>&#x110000;</Id></R>'],
    ['an empty reference', '<R><Id>&#;</Id></R>'],
    ['a control character', '<R><Id>\u0001</Id></R>'],
    ['an attribute without quotes', '<R x=1/>'],
    ['an attribute without a value', '<R x/>'],
    ['an invalid name', '<1R/>'],
    ['a tag in a tag', '<a<a<a'],
    ['too many levels', '<a>'.repeat(17) + '</a>'.repeat(17)],
    ['an empty document', ''],
    ['text', 'OK'],
    ['JSON', '{"ok":true}'],
  ])('refuses %s', (_, document) => {
    expect(plainXml(document)).toBeNull();
    expect(parseXml(document)).toBeNull();
  });

  it.each([
    ['a declaration and a byte order mark', '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<R><Id>1</Id></R>\n'],
    ['a namespace', '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a=\'x>y\'><Id>1</Id></R >'],
    ['a prefix', '<n:R xmlns:n="urn:x"><n:Id>1</n:Id></n:R>'],
    ['comments', '<!-- <R> & --><R><Id>1<!-- -- & --></Id></R><!-- x -->'],
    ['a CDATA section', '<R><Id><![CDATA[1]]></Id></R>'],
    ['leading blanks, which keep a connection alive', '   \n <R><Id>1</Id></R>'],
  ])('reads %s', (_, document) => {
    expect(textOf(parseXml(document)?.node ?? {}, 'Id')).toBe('1');
  });

  it('decodes text, but not CDATA sections', () => {
    const id = (content: string): string | null => textOf(parseXml(`<R><Id>${content}</Id></R>`)?.node ?? {}, 'Id');
    expect(id('a&amp;b&lt;&#47;&#x4e2d;&quot;&apos;&gt;&#x01;')).toBe('a&b</中"\'>\u0001');
    expect(id('<![CDATA[a&amp;b<c>]]>')).toBe('a&amp;b<c>');
    expect(id('&amp;lt;')).toBe('&lt;');
    expect(unescapeXml(escapeXml('<&>"'))).toBe('<&>"');
  });
});

describe('integerOf', () => {
  const read = (text: string): number | null =>
    integerOf(parseXml(`<R><N>${text}</N></R>`)?.node ?? {}, 'N', 1, 10_000);

  it.each(['', ' ', '0x1', '1e1', '-1', '+1', '1.0', '1,000', '１', 'NaN', 'Infinity', '0', '10001', '1'.repeat(400)])(
    'refuses %p',
    (text) => {
      expect(read(text)).toBeNull();
    },
  );

  it('reads decimal digits within limits', () => {
    expect([read('1'), read('0010'), read('10000')]).toEqual([1, 10, 10_000]);
  });
});

describe('isTrue', () => {
  it.each([
    ['true', true],
    ['True', true],
    [' TRUE ', true],
    ['false', false],
    ['1', false],
  ])('reads %p case-insensitively', (text, expected) => {
    expect(isTrue(parseXml(`<R><T>${text}</T></R>`)?.node ?? {}, 'T')).toBe(expected);
  });
});
