import { printable } from '../../../examples/node-cli/printable.js';

describe('what the terminal example prints', () => {
  it.each([
    ['a colour', 'a\u001b[31mb', 'a [31mb'],
    ['a title', 'a\u001b]0;owned\u0007b', 'a ]0;owned b'],
    ['a control sequence of one character', 'a\u009b2Jb', 'a 2Jb'],
    ['a return to the start of the line', 'refused\rUploaded', 'refused Uploaded'],
    ['more lines', 'refused\n\nUploaded', 'refused Uploaded'],
    ['a change of direction', 'a\u202egnp.exe', 'a gnp.exe'],
    ['a backspace and a NUL', 'a\b\b\0b', 'a b'],
  ])('has no %s', (_, text, printed) => {
    expect(printable(text)).toBe(printed);
  });

  it('keeps every other character', () => {
    const text = 'Zoë 文件 \u{1f600} – "100 %"';
    expect(printable(text)).toBe(text);
  });

  it('is cleaned in linear time', () => {
    expect(printable('\u001b['.repeat(500_000))).toHaveLength(1_000_000);
  });
});
