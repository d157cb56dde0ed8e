/** No store's ETag is a tenth as long; a longer one is invalid. */
const MAX_LENGTH = 1024;

/** ETags come quoted or bare, and weak where a proxy compressed the body: this library stores them bare. */
export function bareEtag(etag: string | null | undefined): string {
  if (!etag || etag.length > MAX_LENGTH) return '';
  return etag
    .trim()
    .replace(/^W\//i, '')
    .replace(/^"(.*)"$/, '$1');
}

/** Whether two ETags name the same content. Some stores write them in upper case. An unknown one equals nothing. */
export function sameEtag(a: string | null | undefined, b: string | null | undefined): boolean {
  const [one, other] = [bareEtag(a).toLowerCase(), bareEtag(b).toLowerCase()];
  return one !== '' && one === other;
}
