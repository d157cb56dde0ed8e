import { commonHeaders, errorAnswer, type Answer } from './response/answer.js';
import { authorize, dialectOf, inDialect, isSigned } from './authorize/authorize.js';
import { isChunked, withoutChunks, withTrailers } from './request/aws-chunked.js';
import type { ObsConfig } from './state/config.js';
import type { Context, Handler, Outcome, ReceivedBody } from './context.js';
import { answerPreflight, corsHeaders } from './response/cors.js';
import { handlers } from './operations/handlers.js';
import { readRequest } from './request/read-request.js';
import { checkReceived, digestNeeds, type DigestNeeds } from './rules/receive.js';
import { Refusal } from './response/refusal.js';
import type { HeaderPrefix, ObsRequest, RequestHead } from './request/request.js';
import type { ObsState } from './state/state.js';
import { readTrafficLimit } from './rules/traffic-limit.js';

/** What a head leads to: a response at once, or a body to be taken first. */
export type Begun =
  | { readonly type: 'answered'; readonly answer: Answer }
  | {
      readonly type: 'accepted';
      readonly body: Handler['body'];
      readonly digests: DigestNeeds;
      /** Whether the body comes in chunks with trailers, to be taken apart. */
      readonly isChunked: boolean;
      /** How fast the request wants its body to be taken at most; null: as fast as it comes. */
      readonly bytesPerSecond: number | null;
      /** To be called once the body is in; its effects have not been applied yet. */
      finish(body: ReceivedBody): Outcome;
    };

/** The rules of OBS, without bytes, time or transport of their own. */
export interface ObsMachine {
  /** Reads a head, right or wrong, for the log and the fault plan. */
  read(head: RequestHead): ObsRequest;
  begin(request: ObsRequest): Begun;
  /** An error response as the service would give it. */
  refuse(request: ObsRequest, facts: Parameters<typeof errorAnswer>[0]): Answer;
  /** Adds the headers that every response carries, unless it has them. */
  dress(request: ObsRequest, answer: Answer): Answer;
}

export function createObsMachine(state: ObsState, config: ObsConfig): ObsMachine {
  const dress = (request: ObsRequest, answer: Answer, prefix = dialectOf(request)): Answer => {
    const id = answer.headers[`${prefix}request-id`] ?? config.newId();
    const headers = {
      ...commonHeaders(prefix, id, config.now()),
      ...corsHeaders(request, config.cors),
      ...answer.headers,
    };
    return { ...answer, headers, text: request.method === 'HEAD' ? '' : answer.text };
  };

  const refuse: ObsMachine['refuse'] = (request, facts) => {
    const prefix = dialectOf(request);
    const id = config.newId();
    const answer = errorAnswer(facts, request.rawPath, id);
    return dress(request, { ...answer, headers: { ...answer.headers, [`${prefix}request-id`]: id } }, prefix);
  };

  const refusalAnswer = (request: ObsRequest, error: unknown): Answer => {
    if (!(error instanceof Refusal)) throw error;
    const answer = refuse(request, error);
    const isForeign = request.operation === 'preflight' && error.code === 'AccessForbidden';
    const isMute = isSignatureProblem(error) && isSigned(request) && !config.corsOnRefusedSignature;
    return isForeign || isMute ? withoutCors(answer) : answer;
  };

  const accept = (request: ObsRequest): Begun => {
    if (request.problem !== null) throw request.problem;
    if (request.operation === 'preflight') {
      return { type: 'answered', answer: dress(request, answerPreflight(request, config.cors)) };
    }
    if (request.operation === null) throw new Refusal('MethodNotAllowed');
    const handler = handlers[request.operation];
    const signer = authorize(request, config);
    const account = signer === null ? null : (signer.account ?? 'owner');
    const prefix = dialectOf(request);
    const own = withoutChunks(inDialect(request, prefix));
    const context = (of: ObsRequest): Context => contextOf(of, state, config, prefix, account);
    const digests = digestNeeds(own);
    handler.check?.(context(own));
    const finish = (body: ReceivedBody): Outcome => {
      try {
        const received = withTrailers(own, body.trailers);
        checkReceived(received, body);
        const now = context(received);
        handler.check?.(now);
        const outcome = handler.finish(now, body);
        return { ...outcome, answer: dress(request, outcome.answer, prefix) };
      } catch (error) {
        return { answer: refusalAnswer(request, error), effects: [] };
      }
    };
    return {
      type: 'accepted',
      body: handler.body,
      digests,
      isChunked: isChunked(own),
      bytesPerSecond: readTrafficLimit(own),
      finish,
    };
  };

  return {
    read: (head) => readRequest(head, config),
    begin(request) {
      try {
        return accept(request);
      } catch (error) {
        return { type: 'answered', answer: refusalAnswer(request, error) };
      }
    },
    refuse,
    dress,
  };
}

function contextOf(
  request: ObsRequest,
  state: ObsState,
  config: ObsConfig,
  prefix: HeaderPrefix,
  account: string | null,
): Context {
  return { request, state, config, now: config.now(), account, prefix };
}

const signatureProblems = new Set(['SignatureDoesNotMatch', 'InvalidAccessKeyId', 'RequestTimeTooSkewed']);

function isSignatureProblem(error: Refusal): boolean {
  return signatureProblems.has(error.code);
}

/** A response that a page cannot read. */
export function withoutCors(answer: Answer): Answer {
  return withoutHeaders(answer, (name) => name.startsWith('access-control-'));
}

/** Without what shows that the service sent it. */
export function withoutMarks(answer: Answer): Answer {
  return withoutHeaders(answer, (name) => name === 'server' || /^x-(?:obs|amz)-(?:request-id|id-2)$/.test(name));
}

function withoutHeaders(answer: Answer, isUnwanted: (name: string) => boolean): Answer {
  const headers = Object.entries(answer.headers).filter(([name]) => !isUnwanted(name));
  return { ...answer, headers: Object.fromEntries(headers) };
}
