import { Subject, type Observable } from 'rxjs';
import type { RequestRecord } from '../model/upload/request-record.js';

/** Emits the records of a connection's requests. */
export interface RequestLog {
  readonly records$: Observable<RequestRecord>;
  /** @param make - called only if there is a subscriber */
  readonly add: (make: () => RequestRecord) => void;
}

export function createRequestLog(): RequestLog {
  const records$ = new Subject<RequestRecord>();
  return {
    // Subscribers get no way to emit.
    records$: records$.asObservable(),
    add: (make) => {
      if (records$.observed) records$.next(make());
    },
  };
}
