/**
 * A text without what a terminal obeys: error messages of servers and names of files may hold escape sequences, which
 * move the cursor, change the title or hide what was printed before.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
