import { defer, filter, type Observable } from 'rxjs';
import type { RequestHead } from '../fake-obs/request.js';
import type { Transport, TransportEvent, TransportRequest } from '../transport/transport.js';
import type { FakeObsCore } from './core.js';
import { exchange$ } from './exchange.js';
import { sizeOf } from './read-body.js';

/** A transport whose other end is a fake OBS: all its time is RxJS time. */
export function fakeTransport(
  core: FakeObsCore,
  options: { readonly reportsProgress: boolean; readonly progressSteps: number; readonly origin: string | null },
): Transport {
  return {
    reportsProgress: options.reportsProgress,
    hidesAnswers: options.origin !== null,
    send: (request): Observable<TransportEvent> =>
      defer(() => {
        const size = sizeOf(request.body);
        const head = headOf(request, size, options.origin);
        core.page?.preflight(core.service.machine, head);
        const events$ = exchange$(core, core.service.arrive(head, size), request.body, options.progressSteps);
        return options.reportsProgress ? events$ : events$.pipe(filter((event) => event.type === 'response'));
      }),
  };
}

/** What goes over the wire: the URL as browsers parse it, so dot segments are gone, and headers that clients add. */
function headOf({ method, url, headers, body }: TransportRequest, size: number, origin: string | null): RequestHead {
  const { host, pathname, search } = new URL(url);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const hasBody = body !== null || method === 'PUT' || method === 'POST';
  const type = body !== null && 'type' in body ? body.type : '';
  return {
    method,
    host,
    target: pathname + search,
    headers: {
      ...(type === '' ? {} : { 'content-type': type }),
      ...lower,
      ...(hasBody ? { 'content-length': String(size) } : {}),
      ...(origin === null ? {} : { origin }),
    },
  };
}
