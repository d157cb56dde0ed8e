import {
  asyncScheduler,
  EMPTY,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  Subscription,
  switchMap,
  tap,
  throwError,
  timer,
  type ObservableInput,
} from 'rxjs';
import type { SignedRequest, UnsignedRequest } from 'rx-obs-upload';
import { createClock, type Clock } from '../../../lib/connection/clock.js';
import type { Prefetch } from '../../../lib/connection/obs-connection.js';
import { createPresignBatches, type PresignBatches } from '../../../lib/signing/presign.js';
import { at, inVirtualTime, record, type Recording } from '../../support/virtual-time.js';

type PresignResult = ObservableInput<readonly SignedRequest[]>;

function part(partNumber: number): UnsignedRequest {
  return {
    operation: 'uploadPart',
    method: 'PUT',
    url: `https://media.obs.test/a?partNumber=${partNumber}&uploadId=U`,
    headers: {},
    bucket: 'media',
    key: 'a',
    uploadId: 'U',
    partNumber,
    size: 10,
  };
}

function signed({ url }: UnsignedRequest, expiresAt: number | null = null): SignedRequest {
  return { url: `${url}&Signature=s`, headers: {}, expiresAt };
}

/** An upload with that many parts, some of which have started. */
function upload(count: number): { readonly prefetch: Prefetch; begin(n: number): void } {
  let started = 0;
  return {
    prefetch: {
      fairnessKey: {},
      next: (max) => Array.from({ length: count }, (_, i) => part(i + 1)).slice(started, started + max),
    },
    begin: (n) => (started = Math.max(started, n)),
  };
}

function noPrefetch(): Prefetch {
  return { fairnessKey: {}, next: () => [] };
}

/** An error as HTTP clients throw it. */
function httpError(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status });
}

interface World {
  readonly batches: PresignBatches;
  /** The part numbers of each call of presign. */
  readonly calls: string[];
  readonly callTimes: number[];
}

function world(
  respond: (requests: readonly UnsignedRequest[], n: number) => PresignResult = delayed(),
  clock: Clock = createClock(),
): World {
  const calls: string[] = [];
  const callTimes: number[] = [];
  const presign = (requests: readonly UnsignedRequest[]): PresignResult => {
    calls.push(requests.map(({ partNumber }) => partNumber).join(' '));
    callTimes.push(clock.now());
    return respond(requests, calls.length);
  };
  return { batches: createPresignBatches(presign, clock), calls, callTimes };
}

/** Responds after a delay; each signed request expires after its lifetime. */
function delayed(
  delayMs = 10,
  lifetimeMs: number | null = null,
): (requests: readonly UnsignedRequest[]) => PresignResult {
  const clock = createClock();
  return (requests) =>
    timer(delayMs).pipe(
      map(() => requests.map((r) => signed(r, lifetimeMs === null ? null : clock.now() + lifetimeMs))),
    );
}

function urlOf(recording: Recording<SignedRequest> | undefined): string | undefined {
  return recording?.values[0]?.url;
}

describe('batches of requests to presign', () => {
  it('call presign once for all requests of a tick, and give each its own result', () => {
    const { batches, calls, callTimes } = world();
    let results: Recording<SignedRequest>[] = [];
    inVirtualTime(() => (results = [3, 1, 2].map((n) => record(batches.sign(part(n), noPrefetch())))));
    expect(calls).toEqual(['3 1 2']);
    expect(callTimes).toEqual([0]);
    expect(results.map(urlOf)).toEqual([3, 1, 2].map((n) => signed(part(n)).url));
    expect(results.map(({ completed, times }) => [completed, times])).toEqual([3, 1, 2].map(() => [true, [10]]));
  });

  it('call presign only once they are subscribed to, and again for each tick', () => {
    const { batches, calls, callTimes } = world();
    inVirtualTime(() => {
      batches.sign(part(9), noPrefetch());
      record(batches.sign(part(1), noPrefetch()));
      at(1, () => record(batches.sign(part(2), noPrefetch())));
    });
    expect(calls).toEqual(['1', '2']);
    expect(callTimes).toEqual([0, 1]);
  });

  it('hold at most 16 requests', () => {
    const { batches, calls } = world();
    let results: Recording<SignedRequest>[] = [];
    inVirtualTime(
      () => (results = Array.from({ length: 40 }, (_, i) => record(batches.sign(part(i + 1), noPrefetch())))),
    );
    expect(calls.map((numbers) => numbers.split(' ').length)).toEqual([16, 16, 8]);
    expect(results.map(urlOf)).toEqual(Array.from({ length: 40 }, (_, i) => signed(part(i + 1)).url));
  });

  describe('with prefetching', () => {
    it('are filled up with the next parts, whose signed requests are then ready', () => {
      const { batches, calls } = world();
      const { prefetch, begin } = upload(40);
      let later: Recording<SignedRequest> | undefined;
      inVirtualTime(() => {
        for (const n of [1, 2]) {
          begin(n);
          record(batches.sign(part(n), prefetch));
        }
        at(20, () => {
          begin(3);
          later = record(batches.sign(part(3), prefetch));
        });
      });
      expect(calls).toEqual(['1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16']);
      expect(urlOf(later)).toBe(signed(part(3)).url);
      expect(later?.times).toEqual([20]);
    });

    it('make a part that is already being signed wait for its result', () => {
      const { batches, calls } = world();
      const { prefetch, begin } = upload(40);
      let later: Recording<SignedRequest> | undefined;
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), prefetch));
        at(5, () => {
          begin(2);
          later = record(batches.sign(part(2), prefetch));
        });
      });
      expect(calls).toHaveLength(1);
      expect(later?.times).toEqual([10]);
    });

    it('use a signed request once: another attempt calls presign again, for itself and unsigned parts', () => {
      const { batches, calls } = world();
      const { prefetch, begin } = upload(20);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), prefetch));
        at(20, () => {
          begin(2);
          record(batches.sign(part(2), prefetch));
        });
        at(30, () => record(batches.sign(part(2), prefetch)));
      });
      expect(calls).toEqual(['1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', '2 17 18']);
    });

    it('sign again what has expired unused, and the parts after it', () => {
      const { batches, calls } = world(delayed(10, 300_000));
      const { prefetch, begin } = upload(5);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), prefetch));
        at(300_000, () => {
          begin(2);
          record(batches.sign(part(2), prefetch));
        });
        at(300_010, () => {
          begin(3);
          record(batches.sign(part(3), prefetch));
        });
      });
      expect(calls).toEqual(['1 2 3 4 5', '3 4 5']);
    });

    it.each<[name: string, form: (ms: number) => unknown]>([
      ['seconds', (ms) => ms / 1000],
      ['text', (ms) => new Date(ms).toISOString()],
    ])('sign again what has expired unused by an expiresAt in %s', (_, form) => {
      const clock: Clock = { now: () => Date.UTC(2026, 0) + asyncScheduler.now() };
      const expiresAt = (): number => form(clock.now() + 300_000) as number;
      const { batches, calls } = world((requests) => of(requests.map((r) => signed(r, expiresAt()))), clock);
      const { prefetch, begin } = upload(3);
      inVirtualTime(() => {
        [0, 299_000, 300_000].forEach((ms, i) => {
          at(ms, () => {
            begin(i + 1);
            record(batches.sign(part(i + 1), prefetch));
          });
        });
      });
      expect(calls).toEqual(['1 2 3', '3']);
    });

    it('accept a signed request that looks expired on arrival: the local clock must be wrong', () => {
      const { batches, calls } = world((requests) => of(requests.map((r) => signed(r, -1))));
      const { prefetch, begin } = upload(5);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), prefetch));
        at(20, () => {
          begin(2);
          record(batches.sign(part(2), prefetch));
        });
      });
      expect(calls).toHaveLength(1);
    });

    it('belong to one upload: another one makes its own call', () => {
      const { batches, calls } = world();
      const [one, other] = [upload(3), upload(3)];
      inVirtualTime(() => {
        one.begin(1);
        record(batches.sign(part(1), one.prefetch));
        at(20, () => {
          other.begin(2);
          record(batches.sign(part(2), other.prefetch));
        });
      });
      expect(calls).toEqual(['1 2 3', '2 3']);
    });

    it.each([
      ['fails', () => throwError(() => new Error('down'))],
      ['is unsubscribed', () => NEVER],
    ])('start over when the call %s', (_, fault: () => PresignResult) => {
      const { batches, calls } = world((requests, n) => (n === 1 ? fault() : of(requests.map((r) => signed(r)))));
      const { prefetch, begin } = upload(4);
      inVirtualTime(() => {
        begin(1);
        const first = record(batches.sign(part(1), prefetch));
        at(20, () => first.unsubscribe());
        at(30, () => {
          begin(2);
          record(batches.sign(part(2), prefetch));
        });
      });
      expect(calls).toEqual(['1 2 3 4', '2 3 4']);
    });
  });

  describe('unsubscribed', () => {
    it('in the same tick: presign is not called', () => {
      const { batches, calls } = world();
      inVirtualTime(() => record(batches.sign(part(1), upload(4).prefetch)).unsubscribe());
      expect(calls).toEqual([]);
    });

    it('by one subscriber in the same tick: only the others are signed', () => {
      const { batches, calls } = world();
      inVirtualTime(() => {
        const [first] = [1, 2].map((n) => record(batches.sign(part(n), noPrefetch())));
        first?.unsubscribe();
        record(batches.sign(part(3), noPrefetch()));
      });
      expect(calls).toEqual(['2 3']);
    });

    it('by all subscribers during the call: only then is the call unsubscribed', () => {
      const ended: number[] = [];
      const clock = createClock();
      const { batches } = world(() => new Observable(() => () => ended.push(clock.now())));
      inVirtualTime(() => {
        const both = [1, 2].map((n) => record(batches.sign(part(n), noPrefetch())));
        at(5, () => both[0]?.unsubscribe());
        at(7, () => both[1]?.unsubscribe());
      });
      expect(ended).toEqual([7]);
    });

    it('inside presign: the returned observable is not subscribed to', () => {
      const waiting = new Subscription();
      let subscribed = 0;
      const { batches } = world(() => {
        waiting.unsubscribe();
        return new Observable(() => {
          subscribed++;
        });
      });
      inVirtualTime(() => waiting.add(batches.sign(part(1), noPrefetch()).subscribe()));
      expect(waiting.closed).toBe(true);
      expect(subscribed).toBe(0);
    });
  });

  it('put requests made inside presign or inside a result into the next call', () => {
    const { batches, calls } = world((requests, n) => {
      if (n === 1) record(batches.sign(part(2), noPrefetch()));
      return of(requests.map((r) => signed(r)));
    });
    inVirtualTime(() => {
      record(batches.sign(part(1), noPrefetch()).pipe(tap(() => void record(batches.sign(part(3), noPrefetch())))));
    });
    expect(calls).toEqual(['1', '2 3']);
  });

  it('take the first value of presign, and unsubscribe at once', () => {
    const source = new Subject<readonly SignedRequest[]>();
    const { batches } = world(() => source);
    let result: Recording<SignedRequest> | undefined;
    inVirtualTime(() => {
      result = record(batches.sign(part(1), noPrefetch()));
      at(5, () => {
        source.next([signed(part(1))]);
        expect(source.observed).toBe(false);
      });
    });
    expect(result).toMatchObject({ completed: true, times: [5] });
  });

  describe('that are refused together', () => {
    /** Refuses every call with one of these parts in it. */
    const refusing =
      (...partNumbers: readonly (number | null)[]) =>
      (requests: readonly UnsignedRequest[]): PresignResult =>
        requests.some(({ partNumber }) => partNumbers.includes(partNumber))
          ? timer(10).pipe(switchMap(() => throwError(() => httpError(403))))
          : delayed()(requests);

    it('are signed alone, and only what is refused alone fails', () => {
      const { batches, calls, callTimes } = world(refusing(2));
      let results: Recording<SignedRequest>[] = [];
      inVirtualTime(() => (results = [1, 2, 3].map((n) => record(batches.sign(part(n), noPrefetch())))));
      expect(calls).toEqual(['1 2 3', '1', '2', '3']);
      expect(callTimes).toEqual([0, 10, 10, 10]);
      expect(results.map(urlOf)).toEqual([signed(part(1)).url, undefined, signed(part(3)).url]);
      expect(results.map(({ completed, endedAt }) => [completed, endedAt])).toEqual([
        [true, 20],
        [false, 20],
        [true, 20],
      ]);
      expect(results[1]?.error).toMatchObject({ name: 'SigningError', code: 'presign', retryable: false });
    });

    it('are signed as far as the backend has room', () => {
      let room = 2;
      const { batches, calls } = world((requests) => {
        if (requests.length > room) return throwError(() => httpError(403));
        room -= requests.length;
        return delayed()(requests);
      });
      let results: Recording<SignedRequest>[] = [];
      inVirtualTime(() => (results = [1, 2, 3].map((n) => record(batches.sign(part(n), noPrefetch())))));
      expect(calls).toEqual(['1 2 3', '1', '2', '3']);
      expect(results.map(({ completed }) => completed)).toEqual([true, true, false]);
    });

    it('are signed without those ahead of them, which are signed when they are needed', () => {
      const { batches, calls } = world(refusing(4));
      const { prefetch, begin } = upload(4);
      const results: Recording<SignedRequest>[] = [];
      inVirtualTime(() =>
        [1, 2, 3, 4].forEach((n) =>
          at(n * 100, () => {
            begin(n);
            results.push(record(batches.sign(part(n), prefetch)));
          }),
        ),
      );
      expect(calls).toEqual(['1 2 3 4', '1', '2 3 4', '2', '3 4', '3', '4']);
      expect(results.map(({ completed }) => completed)).toEqual([true, true, true, false]);
    });

    it('are signed alone too if they were signed ahead and are waited for by now', () => {
      const { batches, calls } = world(refusing(3));
      const { prefetch, begin } = upload(3);
      const results: Recording<SignedRequest>[] = [];
      inVirtualTime(() =>
        [1, 2].forEach((n) =>
          at(n, () => {
            begin(n);
            results.push(record(batches.sign(part(n), prefetch)));
          }),
        ),
      );
      expect(calls).toEqual(['1 2 3', '1', '2']);
      expect(results.map(({ completed }) => completed)).toEqual([true, true]);
    });

    it('are not signed alone once they are unsubscribed', () => {
      const { batches, calls } = world(refusing(2));
      inVirtualTime(() => {
        const [first] = [1, 2].map((n) => record(batches.sign(part(n), noPrefetch())));
        at(5, () => first?.unsubscribe());
      });
      expect(calls).toEqual(['1 2', '2']);
    });

    it('are not signed alone if the call may be repeated, or had only one of them', () => {
      const { batches, calls } = world((requests) => throwError(() => httpError(requests.length > 1 ? 503 : 403)));
      inVirtualTime(() => {
        [1, 2].forEach((n) => record(batches.sign(part(n), noPrefetch())));
        at(1, () => record(batches.sign(part(3), noPrefetch())));
      });
      expect(calls).toEqual(['1 2', '3']);
    });
  });

  describe('fail', () => {
    const faults: readonly [name: string, respond: () => PresignResult, retryable: boolean, message: RegExp][] = [
      [
        'when presign throws',
        () => {
          throw new Error('bug');
        },
        true,
        /presign failed/,
      ],
      ['when presign errors', () => throwError(() => new Error('down')), true, /presign failed/],
      ['on a server error', () => throwError(() => httpError(503)), true, /presign failed/],
      ['without a network', () => throwError(() => httpError(0)), true, /presign failed/],
      ['on too many calls', () => throwError(() => httpError(429)), true, /presign failed/],
      ['on a refusal', () => throwError(() => httpError(403)), false, /refuses to sign/],
      ['on an empty observable', () => EMPTY, false, /returned nothing/],
      ['on null', () => of(null as unknown as readonly SignedRequest[]), false, /no list/],
      ['on one signed request for two', () => of([signed(part(1))]), false, /1 signed requests for 2/],
      [
        'on three signed requests for two',
        () => of([1, 2, 3].map((n) => signed(part(n)))),
        false,
        /3 signed requests for 2/,
      ],
    ];

    it.each(faults)(
      "%s: SigningError 'presign', a separate one for each subscriber",
      (_, respond, retryable, message) => {
        const { batches } = world(respond);
        let results: Recording<SignedRequest>[] = [];
        inVirtualTime(() => (results = [1, 2].map((n) => record(batches.sign(part(n), noPrefetch())))));
        for (const { error } of results) {
          expect(error).toMatchObject({ name: 'SigningError', code: 'presign', retryable });
          expect((error as Error).message).toMatch(message);
        }
        expect(results[0]?.error).not.toBe(results[1]?.error);
      },
    );

    it('only for the requests of the same call', () => {
      const { batches } = world((requests, n) => (n === 1 ? throwError(() => new Error('down')) : delayed()(requests)));
      const results: Recording<SignedRequest>[] = [];
      inVirtualTime(() => {
        results.push(record(batches.sign(part(1), noPrefetch())));
        at(1, () => results.push(record(batches.sign(part(2), noPrefetch()))));
      });
      expect(results.map(({ completed }) => completed)).toEqual([false, true]);
    });
  });
});
