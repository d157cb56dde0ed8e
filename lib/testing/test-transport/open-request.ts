import type { Subscriber } from 'rxjs';
import { NetworkError } from '../../model/errors/errors.js';
import { readRequest } from '../../fake-obs/request/read-request.js';
import type { TransportEvent, TransportRequest } from '../../ports/transport/transport.js';
import { describeRequest } from './describe-request.js';
import { sizeOf } from '../bytes/read-body.js';
import { headOf } from '../service/request-head.js';
import { successOf } from './success-of.js';
import type { TestRequest, TestRequestState } from './test-request.js';
import { withoutTrailingSlashes } from '../../protocol/request/url.js';

/** A request that was just sent; it notices when the subscriber unsubscribes. */
export function openRequest(
  sent: TransportRequest,
  subscriber: Subscriber<TransportEvent>,
  { server, reportsProgress }: { readonly server: string; readonly reportsProgress: boolean },
): TestRequest {
  const size = sizeOf(sent.body);
  const { hostname, pathname } = new URL(server);
  const basePath = withoutTrailingSlashes(pathname);
  const known = { serverHosts: [hostname], cnames: {}, basePath, requiresVirtualHost: false };
  const { operation, bucket, key, uploadId, partNumber } = readRequest(headOf(sent, size, null), known);
  let state: TestRequestState = 'open';
  subscriber.add(() => {
    if (state === 'open') state = 'cancelled';
  });

  /** Set before anything is emitted: subscribers may read the request's state. */
  const end = (next: TestRequestState): void => {
    requireOpen();
    state = next;
  };
  const requireOpen = (): void => {
    if (state !== 'open')
      throw new Error(`This request is ${state} and can no longer be responded to: ${describeRequest(request)}`);
  };

  const request: TestRequest = {
    ...sent,
    operation,
    bucket,
    key,
    uploadId,
    partNumber,
    size,
    get state() {
      return state;
    },
    get cancelled() {
      return state === 'cancelled';
    },
    progress(loadedBytes) {
      requireOpen();
      if (!reportsProgress)
        throw new Error('This transport reports no progress: it was created with reportsProgress false.');
      if (!(loadedBytes >= 0 && loadedBytes <= size)) {
        throw new RangeError(`Progress must be 0 to ${size} bytes, not ${loadedBytes}: ${describeRequest(request)}`);
      }
      subscriber.next({ type: 'upload-progress', loadedBytes });
    },
    downloadProgress(loadedBytes) {
      requireOpen();
      if (!(loadedBytes >= 0)) throw new RangeError(`A response cannot have ${loadedBytes} bytes.`);
      subscriber.next({ type: 'download-progress', loadedBytes });
    },
    respond(answer, more = {}) {
      end('answered');
      const {
        status = 200,
        headers = {},
        body = '',
        redirected = false,
      } = typeof answer === 'number' ? { ...more, status: answer } : { ...answer, ...more };
      subscriber.next({ type: 'response', response: { status, headers, body, ...(redirected ? { redirected } : {}) } });
      subscriber.complete();
    },
    succeed() {
      const answer = successOf(request);
      if (answer === null)
        throw new Error(
          `The test has to describe what is stored, with respond(answers.found(…)): ${describeRequest(request)}`,
        );
      request.respond(answer);
    },
    networkError() {
      end('answered');
      subscriber.error(
        new NetworkError('network', 'The network failed, as requested by the test.', { retryable: true }),
      );
    },
    stall: () => end('stalled'),
  };
  return request;
}
