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
  let held: { readonly response: ServerResponse; readonly go: () => void }[] = [];
  return {
    inFront: (obs) => (request, response) => {
      if (isHeld(request)) {
        const end = response.end.bind(response) as (...all: readonly unknown[]) => typeof response;
        response.end = (...all: readonly unknown[]) => {
          held.push({ response, go: () => end(...all) });
          return response;
        };
      }
      obs(request, response);
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

/** Requests that the local OBS is not given before the spec lets it: as much of their body is sent as buffers take. */
export function holdBodies(isHeld: (request: IncomingMessage) => boolean): Omit<HeldResponses, 'drip'> {
  let held: (() => void)[] = [];
  return {
    inFront: (obs) => (request, response) => {
      if (isHeld(request)) held.push(() => obs(request, response));
      else obs(request, response);
    },
    get count() {
      return held.length;
    },
    release() {
      held.forEach((go) => go());
      held = [];
    },
  };
}

/** Whether it is the request that sends a part, and not its preflight. */
export function isPart({ method, url }: IncomingMessage, partNumber: number): boolean {
  return method === 'PUT' && new URL(url ?? '', 'http://any').searchParams.get('partNumber') === String(partNumber);
}
