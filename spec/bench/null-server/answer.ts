import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import type { Line, Traffic } from '../line.js';
import { takeBody } from './body.js';
import { faultsOf } from './faults.js';
import { s3Service } from './s3.js';
import type { Answer } from './service.js';
import { tusService } from './tus.js';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'ETag, Date, x-obs-request-id, x-obs-uploadId, x-obs-version-id, Location, Upload-Offset, Upload-Length',
};

/** A store that stores nothing, on a given line, and the traffic over it. */
export function createNullStore(
  pages: string,
  line: Line,
): {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly traffic: () => Traffic;
} {
  const count = { requests: 0, preflights: 0, bodyBytes: 0, firstBodyAt: null as number | null };
  const services = { tus: tusService(), s3: s3Service() };
  const faults = faultsOf(line);

  const reply = (response: ServerResponse, { status, headers, body = '' }: Answer): void => {
    const send = (): void => {
      response.writeHead(status, { ...CORS, 'Content-Length': Buffer.byteLength(body), ...headers });
      response.end(body);
    };
    if (line.latencyMs > 0) setTimeout(send, line.latencyMs);
    else send();
  };

  return {
    traffic: () => ({ ...count }),
    answer(request, response) {
      const { method = 'GET' } = request;
      const url = new URL(request.url ?? '/', 'http://null.test');
      if (url.pathname.startsWith('/pages/')) return sendPage(pages, url, response);
      if (method === 'OPTIONS') {
        count.preflights++;
        return reply(response, preflight(request));
      }
      count.requests++;
      const service = url.pathname.startsWith('/tus') ? services.tus : services.s3;
      const header = (name: string): string | undefined => request.headers[name]?.toString();
      const carriesFile = isFileBody(method, url, Number(header('content-length') ?? 0));
      if (carriesFile) count.firstBodyAt ??= performance.timeOrigin + performance.now();
      const fault = carriesFile ? faults() : null;
      const onBytes = (bytes: number): void => {
        if (carriesFile) count.bodyBytes += bytes;
      };
      takeBody(request, line.bytesPerSecond, !carriesFile, fault, onBytes, (body) => {
        if (fault === 'silence') return;
        const refusal = fault === '500' || fault === '503' ? errorResponse(Number(fault)) : null;
        reply(response, refusal ?? service({ method, url, header, body }));
      });
    },
  };
}

function isFileBody(method: string, url: URL, size: number): boolean {
  return size > 0 && (method === 'PUT' || method === 'PATCH' || (method === 'POST' && url.pathname === '/tus'));
}

function preflight(request: IncomingMessage): Answer {
  return {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, PUT, POST, PATCH, DELETE, HEAD',
      'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
      'Access-Control-Max-Age': '600',
    },
  };
}

function errorResponse(status: number): Answer {
  const code = status === 503 ? 'ServiceUnavailable' : 'InternalError';
  return { status, body: `<Error><Code>${code}</Code><Message>As planned.</Message></Error>` };
}

/** `/pages/NAME` is the page of that contestant, `/pages/NAME.js` its script; `?hint` asks V8 to compile all of it. */
function sendPage(folder: string, { pathname, search }: URL, response: ServerResponse): void {
  const name = basename(pathname);
  if (name.endsWith('.js')) {
    response.writeHead(200, { 'Content-Type': 'text/javascript' });
    if (search !== '') response.write('//# allFunctionsCalledOnLoad\n');
    return void createReadStream(join(folder, name)).pipe(response);
  }
  response.writeHead(200, { 'Content-Type': 'text/html' });
  response.end(
    `<!doctype html><title>${name}</title><input type="file" multiple><script src="${name}.js${search}"></script>`,
  );
}
