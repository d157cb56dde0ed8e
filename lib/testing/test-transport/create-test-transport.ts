import { Observable } from 'rxjs';
import { describeMatch, describeRequests } from './describe-request.js';
import { matches } from './matches.js';
import { openRequest } from './open-request.js';
import type { TestRequest } from './test-request.js';
import type { TestRequestMatch, TestTransport, TestTransportOptions } from './test-transport.js';

/**
 * A `Transport` for tests that expect requests and respond to them one by one: to test what is sent, and in which
 * order. If the test only needs a working service, `createFakeObs` is less work. It needs no test runner and takes no
 * time, so it works inside and outside `TestScheduler.run`.
 *
 * @example
 * ```ts
 * const transport = createTestTransport();
 * const obs = createObsConnection({ server: transport.server, credentials: transport.credentials, transport });
 * uploadFile$(obs, { bucket: 'media', key: 'a.bin', sourceFile: fakeSource({ size: 10 }) }).subscribe(observer);
 * transport.expectOne('putObject').succeed();
 * transport.verify();
 * ```
 */
export function createTestTransport(options: TestTransportOptions = {}): TestTransport {
  const { server = 'https://obs.test', reportsProgress = true, hidesAnswers = false } = options;
  const requests: TestRequest[] = [];
  const expected = new Set<TestRequest>();

  const unexpected = (): readonly TestRequest[] => requests.filter((request) => !expected.has(request));
  const find = (match: TestRequestMatch): readonly TestRequest[] =>
    unexpected().filter((request) => matches(match, request));

  return {
    server,
    credentials: { accessKeyId: 'TESTACCESSKEYID00001', secretAccessKey: 'test-secret-access-key-for-tests-only-01' },
    reportsProgress,
    hidesAnswers,
    requests,
    send: (sent) =>
      new Observable((subscriber) => {
        requests.push(openRequest(sent, subscriber, { server, reportsProgress }));
      }),
    expectOne(match) {
      const [request, ...others] = find(match);
      if (request === undefined) throw new Error(noneOf(match, requests, expected));
      if (others.length > 0) {
        throw new Error(
          `Expected one request, ${describeMatch(match)}; there are ${others.length + 1}:\n` +
            describeRequests([request, ...others]),
        );
      }
      expected.add(request);
      return request;
    },
    match(match) {
      const found = find(match);
      for (const request of found) expected.add(request);
      return found;
    },
    expectNone(match) {
      const found = find(match);
      if (found.length > 0) {
        throw new Error(`Expected no request, ${describeMatch(match)}; there is:\n${describeRequests(found)}`);
      }
    },
    verify({ ignoreCancelled = false } = {}) {
      const surprising = unexpected().filter((request) => !(ignoreCancelled && request.cancelled));
      if (surprising.length > 0) {
        throw new Error(`Requests were sent that the test did not expect:\n${describeRequests(surprising)}`);
      }
      const open = requests.filter((request) => request.state === 'open');
      if (open.length > 0) throw new Error(`Requests were expected but have no response:\n${describeRequests(open)}`);
    },
  };
}

function noneOf(match: TestRequestMatch, requests: readonly TestRequest[], expected: ReadonlySet<TestRequest>): string {
  const before = requests.filter((request) => expected.has(request) && matches(match, request));
  const others = requests.filter((request) => !expected.has(request));
  return (
    `Expected one request, ${describeMatch(match)}; there is none.\n` +
    (before.length === 0 ? '' : `Matched, but expected before:\n${describeRequests(before)}\n`) +
    `Sent and not expected yet:\n${describeRequests(others)}`
  );
}
