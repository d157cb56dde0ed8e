import { asapScheduler, lastValueFrom, of, scheduled, type Observable } from 'rxjs';
import {
  createObsConnection,
  streamSource,
  uploadFile$,
  uploadResult,
  type Transport,
  type TransportEvent,
} from 'rx-obs-upload';

const MIB = 1024 * 1024;
const PART = 8 * MIB;
const CHUNK = MIB;
const TOTAL = 2048 * MIB;
const TASKS = 3;

/** A store that accepts everything and stores nothing. */
function discardingTransport(onPart: (bytes: number) => void): Transport {
  const respond = (body: string, headers: Record<string, string> = {}): Observable<TransportEvent> =>
    scheduled(
      of<TransportEvent>({
        type: 'response',
        response: { status: 200, headers: { 'x-obs-request-id': 'r', etag: '"e"', ...headers }, body },
      }),
      asapScheduler,
    );
  return {
    reportsProgress: false,
    send: ({ method, url, body }) => {
      if (method === 'POST' && url.endsWith('?uploads')) {
        return respond('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');
      }
      if (method === 'PUT') {
        onPart((body as Uint8Array).byteLength);
        return respond('');
      }
      if (method === 'HEAD') return respond('', { 'content-length': String(TOTAL) });
      return respond('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
    },
  };
}

describe('a stream of 2 GiB', () => {
  it('needs the memory of a few parts', async () => {
    let [produced, received, most] = [0, 0, 0];
    let mostAhead = 0;
    const chunk = new Uint8Array(CHUNK);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      while (produced < TOTAL) {
        produced += CHUNK;
        mostAhead = Math.max(mostAhead, produced - received);
        // Gives the garbage collector a chance to run.
        if (produced % (16 * MIB) === 0) await new Promise(setImmediate);
        yield chunk;
      }
    }
    const before = process.memoryUsage().arrayBuffers;
    const transport = discardingTransport((bytes) => {
      received += bytes;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    });
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const obs = createObsConnection({ server: 'https://obs.test', credentials, transport });
    const request = {
      bucket: 'media',
      key: 'a.bin',
      partSize: PART,
      taskNum: TASKS,
      sourceFile: streamSource(chunks()),
    };
    const { totalBytes } = await lastValueFrom(uploadFile$(obs, request).pipe(uploadResult()));
    expect(totalBytes).toBe(TOTAL);
    expect(received).toBe(TOTAL);
    expect(mostAhead).toBeLessThanOrEqual((TASKS + 1) * PART);
    // This includes garbage that is not collected yet; the complete stream would be 2,048 MiB.
    expect(most).toBeLessThan(400 * MIB);
  });
});
