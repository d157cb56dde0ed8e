import { obsSigner, type SignedRequest, type Signer, type UnsignedRequest, type UrlSigner } from 'rx-obs-upload';
import type { FakeObs } from 'rx-obs-upload/testing';
import { asyncScheduler, of, type ObservableInput } from 'rxjs';

export interface Question {
  readonly at: number;
  readonly requests: readonly UnsignedRequest[];
}

/** A backend that has the credentials of a fake OBS, and records the calls to it. */
export interface PresigningBackend {
  readonly questions: readonly Question[];
  readonly sign: (request: UnsignedRequest) => SignedRequest;
  readonly presign: (requests: readonly UnsignedRequest[]) => ObservableInput<readonly SignedRequest[]>;
  /** The operations, or for parts their numbers, of each call: one string per call. */
  readonly asked: () => string[];
}

export interface BackendOptions {
  readonly signer?: Signer & UrlSigner;
  readonly by?: 'query' | 'headers';
  readonly expiresInSeconds?: number;
  /** How the backend responds: immediately, unless specified otherwise. @param n - the number of the call, from 1 */
  readonly answer?: (signed: readonly SignedRequest[], n: number) => ObservableInput<readonly SignedRequest[]>;
}

export function presigningBackend(fake: () => FakeObs, options: BackendOptions = {}): PresigningBackend {
  const { signer = obsSigner(), by = 'query', expiresInSeconds = 300, answer = (signed) => of(signed) } = options;
  const questions: Question[] = [];
  const sign = (request: UnsignedRequest): SignedRequest => {
    const { credentials, now } = fake();
    const resource = `/${request.bucket}${new URL(request.url).pathname}`;
    const context = { credentials, date: now(), resource, expiresInSeconds };
    if (by === 'query') return signer.presign(request, context);
    return (signer.sign(request, context) as readonly SignedRequest[])[0] as SignedRequest;
  };
  return {
    questions,
    sign,
    presign: (requests) => {
      questions.push({ at: asyncScheduler.now(), requests });
      return answer(requests.map(sign), questions.length);
    },
    asked: () => questions.map(({ requests }) => requests.map((r) => String(r.partNumber ?? r.operation)).join(' ')),
  };
}
