import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Responses of a local OBS that are held until the spec releases them; the requests have been handled by then. */
export interface HeldResponses {
  /** For `createObsServer`. */
  readonly inFront: (obs: RequestListener) => RequestListener;
  /** How many are held now. */
  readonly count: number;
  /** Sends one space of each held response that a `drip` fault has begun. */
  drip(): void;
  /** Releases all that are held now. */
  release(): void;
}

/** @param isHeld - called once for each request, when it arrives */
export function holdResponses(isHeld: (request: IncomingMessage) => boolean): HeldResponses {
  return hold(isHeld, (obs, request, response, onRelease) => {
    const end = response.end.bind(response) as (...args: readonly unknown[]) => typeof response;
    response.end = (...args: readonly unknown[]) => {
      onRelease(() => end(...args));
      return response;
    };
    obs(request, response);
  });
}

/** Holds requests until the spec passes them to the local OBS: only as much of a body is sent as buffers take. */
export function holdBodies(isHeld: (request: IncomingMessage) => boolean): Omit<HeldResponses, 'drip'> {
  return hold(isHeld, (obs, request, response, onRelease) => onRelease(() => obs(request, response)));
}

/** @param take - handles a held request, and passes to `onRelease` what to do when it is released */
function hold(
  isHeld: (request: IncomingMessage) => boolean,
  take: (
    ...args: readonly [RequestListener, ...Parameters<RequestListener>, onRelease: (proceed: () => void) => void]
  ) => void,
): HeldResponses {
  let held: { readonly response: ServerResponse; readonly proceed: () => void }[] = [];
  return {
    inFront: (obs) => (request, response) => {
      if (isHeld(request)) take(obs, request, response, (proceed) => held.push({ response, proceed }));
      else obs(request, response);
    },
    get count() {
      return held.length;
    },
    drip: () => held.forEach(({ response }) => response.write(' ')),
    release() {
      held.forEach(({ proceed }) => proceed());
      held = [];
    },
  };
}

/** Whether the request sends that part, and is not its preflight. */
export function isPart({ method, url }: IncomingMessage, partNumber: number): boolean {
  return method === 'PUT' && new URL(url ?? '', 'http://any').searchParams.get('partNumber') === String(partNumber);
}
