import {
  EMPTY,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  Subscription,
  tap,
  throwError,
  timer,
  type ObservableInput,
} from 'rxjs';
import type { SignedRequest, UnsignedRequest } from 'rx-obs-upload';
import { createClock } from '../../../lib/connection/clock.js';
import type { Prefetch } from '../../../lib/connection/obs-connection.js';
import { createPresignBatches, type PresignBatches } from '../../../lib/signing/presign-batches.js';
import { at, inVirtualTime, record, type Recording } from '../../support/virtual-time.js';

type Answer = ObservableInput<readonly SignedRequest[]>;

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

/** Parts of one upload, of which some have begun. */
function upload(count: number): { readonly ahead: Prefetch; begin(n: number): void } {
  let begun = 0;
  return {
    ahead: {
      fairnessKey: {},
      next: (most) => Array.from({ length: count }, (_, i) => part(i + 1)).slice(begun, begun + most),
    },
    begin: (n) => (begun = Math.max(begun, n)),
  };
}

function nothingAhead(): Prefetch {
  return { fairnessKey: {}, next: () => [] };
}

/** As HTTP clients fail. */
function answeredBy(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { status });
}

interface World {
  readonly batches: PresignBatches;
  /** Part numbers, a line a question. */
  readonly asked: string[];
  readonly askedAt: number[];
}

function world(answer: (requests: readonly UnsignedRequest[], n: number) => Answer = inTurn()): World {
  const asked: string[] = [];
  const askedAt: number[] = [];
  const clock = createClock();
  const presign = (requests: readonly UnsignedRequest[]): Answer => {
    asked.push(requests.map(({ partNumber }) => partNumber).join(' '));
    askedAt.push(clock.now());
    return answer(requests, asked.length);
  };
  return { batches: createPresignBatches(presign, clock), asked, askedAt };
}

/** After so long; each expires so long after its arrival. */
function inTurn(delayMs = 10, livesMs: number | null = null): (requests: readonly UnsignedRequest[]) => Answer {
  const clock = createClock();
  return (requests) =>
    timer(delayMs).pipe(map(() => requests.map((r) => signed(r, livesMs === null ? null : clock.now() + livesMs))));
}

function urlOf(recording: Recording<SignedRequest> | undefined): string | undefined {
  return recording?.values[0]?.url;
}

describe('batches of requests to presign', () => {
  it('ask once for all of a tick, and answer each with its own', () => {
    const { batches, asked, askedAt } = world();
    let got: Recording<SignedRequest>[] = [];
    inVirtualTime(() => (got = [3, 1, 2].map((n) => record(batches.sign(part(n), nothingAhead())))));
    expect(asked).toEqual(['3 1 2']);
    expect(askedAt).toEqual([0]);
    expect(got.map(urlOf)).toEqual([3, 1, 2].map((n) => signed(part(n)).url));
    expect(got.map(({ completed, times }) => [completed, times])).toEqual([3, 1, 2].map(() => [true, [10]]));
  });

  it('do not ask before somebody subscribes, and ask again for each tick', () => {
    const { batches, asked, askedAt } = world();
    inVirtualTime(() => {
      batches.sign(part(9), nothingAhead());
      record(batches.sign(part(1), nothingAhead()));
      at(1, () => record(batches.sign(part(2), nothingAhead())));
    });
    expect(asked).toEqual(['1', '2']);
    expect(askedAt).toEqual([0, 1]);
  });

  it('ask for at most 16 at once', () => {
    const { batches, asked } = world();
    let got: Recording<SignedRequest>[] = [];
    inVirtualTime(
      () => (got = Array.from({ length: 40 }, (_, i) => record(batches.sign(part(i + 1), nothingAhead())))),
    );
    expect(asked.map((line) => line.split(' ').length)).toEqual([16, 16, 8]);
    expect(got.map(urlOf)).toEqual(Array.from({ length: 40 }, (_, i) => signed(part(i + 1)).url));
  });

  describe('ahead of need', () => {
    it('fill up with what comes next, and have its answer ready', () => {
      const { batches, asked } = world();
      const { ahead, begin } = upload(40);
      let later: Recording<SignedRequest> | undefined;
      inVirtualTime(() => {
        for (const n of [1, 2]) {
          begin(n);
          record(batches.sign(part(n), ahead));
        }
        at(20, () => {
          begin(3);
          later = record(batches.sign(part(3), ahead));
        });
      });
      expect(asked).toEqual(['1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16']);
      expect(urlOf(later)).toBe(signed(part(3)).url);
      expect(later?.times).toEqual([20]);
    });

    it('let who comes while the answer is on its way wait for it', () => {
      const { batches, asked } = world();
      const { ahead, begin } = upload(40);
      let later: Recording<SignedRequest> | undefined;
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), ahead));
        at(5, () => {
          begin(2);
          later = record(batches.sign(part(2), ahead));
        });
      });
      expect(asked).toHaveLength(1);
      expect(later?.times).toEqual([10]);
    });

    it('use an answer once: another attempt asks again, for itself and what is not ready', () => {
      const { batches, asked } = world();
      const { ahead, begin } = upload(20);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), ahead));
        at(20, () => {
          begin(2);
          record(batches.sign(part(2), ahead));
        });
        at(30, () => record(batches.sign(part(2), ahead)));
      });
      expect(asked).toEqual(['1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', '2 17 18']);
    });

    it('ask again for what has expired unused, and for its neighbours', () => {
      const { batches, asked } = world(inTurn(10, 300_000));
      const { ahead, begin } = upload(5);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), ahead));
        at(300_000, () => {
          begin(2);
          record(batches.sign(part(2), ahead));
        });
        at(300_010, () => {
          begin(3);
          record(batches.sign(part(3), ahead));
        });
      });
      expect(asked).toEqual(['1 2 3 4 5', '3 4 5']);
    });

    it('take what looks expired on arrival as it is: it is our clock that is off', () => {
      const { batches, asked } = world((requests) => of(requests.map((r) => signed(r, -1))));
      const { ahead, begin } = upload(5);
      inVirtualTime(() => {
        begin(1);
        record(batches.sign(part(1), ahead));
        at(20, () => {
          begin(2);
          record(batches.sign(part(2), ahead));
        });
      });
      expect(asked).toHaveLength(1);
    });

    it('belong to one upload: another asks for itself', () => {
      const { batches, asked } = world();
      const [one, other] = [upload(3), upload(3)];
      inVirtualTime(() => {
        one.begin(1);
        record(batches.sign(part(1), one.ahead));
        at(20, () => {
          other.begin(2);
          record(batches.sign(part(2), other.ahead));
        });
      });
      expect(asked).toEqual(['1 2 3', '2 3']);
    });

    it.each([
      ['failed', () => throwError(() => new Error('down'))],
      ['is given up', () => NEVER],
    ])('start over where the question %s', (_, fault: () => Answer) => {
      const { batches, asked } = world((requests, n) => (n === 1 ? fault() : of(requests.map((r) => signed(r)))));
      const { ahead, begin } = upload(4);
      inVirtualTime(() => {
        begin(1);
        const first = record(batches.sign(part(1), ahead));
        at(20, () => first.unsubscribe());
        at(30, () => {
          begin(2);
          record(batches.sign(part(2), ahead));
        });
      });
      expect(asked).toEqual(['1 2 3 4', '2 3 4']);
    });
  });

  describe('unsubscribed', () => {
    it('in the same tick: nothing is asked', () => {
      const { batches, asked } = world();
      inVirtualTime(() => record(batches.sign(part(1), upload(4).ahead)).unsubscribe());
      expect(asked).toEqual([]);
    });

    it('by one in the same tick: the others are asked for', () => {
      const { batches, asked } = world();
      inVirtualTime(() => {
        const [first] = [1, 2].map((n) => record(batches.sign(part(n), nothingAhead())));
        first?.unsubscribe();
        record(batches.sign(part(3), nothingAhead()));
      });
      expect(asked).toEqual(['2 3']);
    });

    it('by all, while the backend thinks: the question is given up, and not before', () => {
      const ended: number[] = [];
      const clock = createClock();
      const { batches } = world(() => new Observable(() => () => ended.push(clock.now())));
      inVirtualTime(() => {
        const both = [1, 2].map((n) => record(batches.sign(part(n), nothingAhead())));
        at(5, () => both[0]?.unsubscribe());
        at(7, () => both[1]?.unsubscribe());
      });
      expect(ended).toEqual([7]);
    });

    it('inside presign: what it gives is not subscribed to', () => {
      const waiting = new Subscription();
      let subscribed = 0;
      const { batches } = world(() => {
        waiting.unsubscribe();
        return new Observable(() => {
          subscribed++;
        });
      });
      inVirtualTime(() => waiting.add(batches.sign(part(1), nothingAhead()).subscribe()));
      expect(waiting.closed).toBe(true);
      expect(subscribed).toBe(0);
    });
  });

  it('called again inside presign and inside an answer: another question each', () => {
    const { batches, asked } = world((requests, n) => {
      if (n === 1) record(batches.sign(part(2), nothingAhead()));
      return of(requests.map((r) => signed(r)));
    });
    inVirtualTime(() => {
      record(batches.sign(part(1), nothingAhead()).pipe(tap(() => void record(batches.sign(part(3), nothingAhead())))));
    });
    expect(asked).toEqual(['1', '2 3']);
  });

  it('take the first value, and unsubscribe at once', () => {
    const source = new Subject<readonly SignedRequest[]>();
    const { batches } = world(() => source);
    let got: Recording<SignedRequest> | undefined;
    inVirtualTime(() => {
      got = record(batches.sign(part(1), nothingAhead()));
      at(5, () => {
        source.next([signed(part(1))]);
        expect(source.observed).toBe(false);
      });
    });
    expect(got).toMatchObject({ completed: true, times: [5] });
  });

  describe('fail', () => {
    const faults: readonly [what: string, answer: () => Answer, retryable: boolean, message: RegExp][] = [
      [
        'with what it throws',
        () => {
          throw new Error('bug');
        },
        true,
        /presign failed/,
      ],
      ['with its error', () => throwError(() => new Error('down')), true, /presign failed/],
      ['with a server error', () => throwError(() => answeredBy(503)), true, /presign failed/],
      ['with no network', () => throwError(() => answeredBy(0)), true, /presign failed/],
      ['with too many questions', () => throwError(() => answeredBy(429)), true, /presign failed/],
      ['with a refusal', () => throwError(() => answeredBy(403)), false, /refuses to sign/],
      ['with nothing', () => EMPTY, false, /returned nothing/],
      ['with null', () => of(null as unknown as readonly SignedRequest[]), false, /no list/],
      ['with one for two', () => of([signed(part(1))]), false, /1 signed requests for 2/],
      ['with three for two', () => of([1, 2, 3].map((n) => signed(part(n)))), false, /3 signed requests for 2/],
    ];

    it.each(faults)("%s: SigningError 'presign', each waiter's own", (_, answer, retryable, message) => {
      const { batches } = world(answer);
      let got: Recording<SignedRequest>[] = [];
      inVirtualTime(() => (got = [1, 2].map((n) => record(batches.sign(part(n), nothingAhead())))));
      for (const { error } of got) {
        expect(error).toMatchObject({ name: 'SigningError', code: 'presign', retryable });
        expect((error as Error).message).toMatch(message);
      }
      expect(got[0]?.error).not.toBe(got[1]?.error);
    });

    it('only for those who were asked for together', () => {
      const { batches } = world((requests, n) => (n === 1 ? throwError(() => new Error('down')) : inTurn()(requests)));
      const got: Recording<SignedRequest>[] = [];
      inVirtualTime(() => {
        got.push(record(batches.sign(part(1), nothingAhead())));
        at(1, () => got.push(record(batches.sign(part(2), nothingAhead()))));
      });
      expect(got.map(({ completed }) => completed)).toEqual([false, true]);
    });
  });
});
