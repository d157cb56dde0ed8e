import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Responses of a local OBS that do not leave before the spec lets them: what they tell has been done by then. */
export interface HeldResponses {
  /** For `createObsServer`. */
  readonly inFront: (obs: RequestListener) => RequestListener;
  /** How many are held now. */
  readonly count: number;
  /** Sends a space of those that a `drip` has begun. */
  drip(): void;
  /** Lets go all that are held now. */
  release(): void;
}

/** @param isHeld - asked once for each request, when it comes */
export function holdResponses(isHeld: (request: IncomingMessage) => boolean): HeldResponses {
  return hold(isHeld, (obs, request, response, until) => {
    const end = response.end.bind(response) as (...all: readonly unknown[]) => typeof response;
    response.end = (...all: readonly unknown[]) => {
      until(() => end(...all));
      return response;
    };
    obs(request, response);
  });
}

/** Requests that the local OBS is not given before the spec lets it: as much of their body is sent as buffers take. */
export function holdBodies(isHeld: (request: IncomingMessage) => boolean): Omit<HeldResponses, 'drip'> {
  return hold(isHeld, (obs, request, response, until) => until(() => obs(request, response)));
}

/** @param take - handles a request that is held, and says what to do when it is released */
function hold(
  isHeld: (request: IncomingMessage) => boolean,
  take: (...args: readonly [RequestListener, ...Parameters<RequestListener>, until: (go: () => void) => void]) => void,
): HeldResponses {
  let held: { readonly response: ServerResponse; readonly go: () => void }[] = [];
  return {
    inFront: (obs) => (request, response) => {
      if (isHeld(request)) take(obs, request, response, (go) => held.push({ response, go }));
      else obs(request, response);
    },
    get count() {
      return held.length;
    },
    drip: () => held.forEach(({ response }) => response.write(' ')),
    release() {
      held.forEach(({ go }) => go());
      held = [];
    },
  };
}

/** Whether it is the request that sends a part, and not its preflight. */
export function isPart({ method, url }: IncomingMessage, partNumber: number): boolean {
  return method === 'PUT' && new URL(url ?? '', 'http://any').searchParams.get('partNumber') === String(partNumber);
}
