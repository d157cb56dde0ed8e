/** null for what is no absolute URL. (`URL.canParse` is too young.) */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** By a loop: an expression that is anchored at the end alone takes quadratic work over a run of slashes. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}
