import { randomUUID } from 'node:crypto';
import type { Service } from './service.js';

interface StoredUpload {
  readonly length: string;
  offset: number;
}

/** The tus protocol 1.0 with creation, creation-with-upload and concatenation, in a store that stores only offsets. */
export function tusService(): Service {
  const uploads = new Map<string, StoredUpload>();

  return ({ method, url, header, body }) => {
    const headers = { 'Tus-Resumable': '1.0.0' };
    if (method === 'POST') {
      const id = `/tus/${randomUUID()}`;
      uploads.set(id, { length: header('upload-length') ?? '0', offset: body.size });
      return { status: 201, headers: { ...headers, Location: id, 'Upload-Offset': String(body.size) } };
    }
    const upload = uploads.get(url.pathname);
    if (upload === undefined) return { status: 404, headers };
    if (method === 'PATCH') upload.offset = Number(header('upload-offset')) + body.size;
    return {
      status: method === 'HEAD' ? 200 : 204,
      headers: { ...headers, 'Upload-Offset': String(upload.offset), 'Upload-Length': upload.length },
    };
  };
}
