import { NetworkError } from '../../model/errors/errors.js';

/** A browser does not say whether the network failed or the store's CORS rule refuses the page. */
export function noResponseInBrowser(): NetworkError {
  return noResponse(
    'No response came: the network failed, the server is not reachable, or its CORS rule does not allow this page.',
  );
}

/** @param code - Node's, such as ` (ECONNREFUSED)`; empty if there is none */
export function noResponseInNode(code: string): NetworkError {
  return noResponse(`No response came${code}: the network failed or the server is not reachable.`);
}

function noResponse(message: string): NetworkError {
  return new NetworkError('network', message, { retryable: true });
}
