/** ETags as the service writes them: the official SDK passes them on with their quotes. */
export function quotedEtag(etag: string): string {
  return etag === '' ? '' : `"${etag}"`;
}
