/** null for what is no absolute URL. (`URL.canParse` is too young.) */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
