import { defer, filter, type Observable } from 'rxjs';
import type { Transport, TransportEvent } from '../../ports/transport/transport.js';
import type { FakeObsCore } from './core.js';
import { exchange$ } from './exchange.js';
import { sizeOf } from '../bytes/read-body.js';
import { headOf } from './request-head.js';

/** A transport to a fake OBS: all its time is RxJS time. */
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
        return options.reportsProgress ? events$ : events$.pipe(filter((event) => event.type !== 'upload-progress'));
      }),
  };
}
