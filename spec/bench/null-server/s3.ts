import { createHash } from 'node:crypto';
import type { Answer, ReceivedRequest, Service } from './service.js';

/** For parts that were sent without an MD5: any value will do, and none is computed. */
const SOME_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** The multipart operations of OBS and S3, in a store that verifies nothing. */
export function s3Service(): Service {
  let uploads = 0;
  const parts = new Map<string, Map<number, string>>();

  return (request): Answer => {
    const { method, url, body } = request;
    const uploadId = url.searchParams.get('uploadId');
    const target = `<Bucket>bench</Bucket><Key>${url.pathname.split('/').slice(2).join('/')}</Key>`;
    switch (method) {
      case 'PUT': {
        const etag = md5Of(request);
        if (uploadId !== null) parts.get(uploadId)?.set(Number(url.searchParams.get('partNumber')), etag);
        return { status: 200, headers: { ETag: `"${etag}"` } };
      }
      case 'POST': {
        if (uploadId === null) {
          const id = `upload-${++uploads}`;
          parts.set(id, new Map());
          return xml(
            `<InitiateMultipartUploadResult>${target}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
          );
        }
        return xml(
          `<CompleteMultipartUploadResult><Location>${url.pathname}</Location>${target}` +
            `<ETag>"${compositeEtag(body.text)}"</ETag></CompleteMultipartUploadResult>`,
        );
      }
      case 'GET': {
        const listed = [...(parts.get(uploadId ?? '') ?? [])].map(
          ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag><Size>0</Size></Part>`,
        );
        return xml(`<ListPartsResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListPartsResult>`);
      }
      case 'DELETE':
        return { status: 204 };
      default:
        return { status: 200 };
    }
  };
}

function xml(body: string): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/xml' }, body: `<?xml version="1.0"?>${body}` };
}

function md5Of({ header }: ReceivedRequest): string {
  const sent = header('content-md5');
  return sent === undefined ? SOME_MD5 : Buffer.from(sent, 'base64').toString('hex');
}

function compositeEtag(complete: string): string {
  const md5s = [...complete.matchAll(/<ETag>(?:"|&quot;)?([0-9a-f]{32})/gi)].map(([, md5 = '']) => md5);
  const md5 = createHash('md5')
    .update(Buffer.from(md5s.join(''), 'hex'))
    .digest('hex');
  return `${md5}-${md5s.length}`;
}
