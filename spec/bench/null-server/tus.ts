import type { Service } from './answer.js';

/** The tus protocol 1.0 with creation, creation-with-upload and concatenation, of a store that keeps only offsets. */
export function tusService(): Service {
  let uploads = 0;
  const offsets = new Map<string, number>();

  return ({ method, url, header, body }) => {
    const headers = { 'Tus-Resumable': '1.0.0' };
    if (method === 'POST') {
      const id = `/tus/${++uploads}`;
      offsets.set(id, body.size);
      return { status: 201, headers: { ...headers, Location: id, 'Upload-Offset': String(body.size) } };
    }
    if (method === 'PATCH') offsets.set(url.pathname, Number(header('upload-offset')) + body.size);
    const offset = { 'Upload-Offset': String(offsets.get(url.pathname) ?? 0) };
    // What is asked about by HEAD is as long as need be: its sender knows.
    return { status: method === 'HEAD' ? 200 : 204, headers: { ...headers, ...offset } };
  };
}
