import { obsDialect } from '../protocol/dialect.js';
import { signHeader } from './header-signature.js';
import type { Signer } from './signer.js';

/** Signs as OBS does: `Authorization: OBS …` (OBS REST reference, "Authentication of Signature in a Header"). */
export function obsSigner(): Signer {
  return {
    dialect: obsDialect,
    sign: (request, context) => [signHeader(request, context, { scheme: 'OBS', prefix: 'x-obs-' })],
  };
}
