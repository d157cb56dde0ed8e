import type { TransportResponse } from '../../ports/transport/transport.js';
import { headerOf } from './response-headers.js';

/** Whether a response says that the object is encrypted by a key of SSE-KMS or SSE-C: its ETag is then not an MD5. */
export function hasOpaqueEtag(response: TransportResponse): boolean {
  return ['x-obs-', 'x-amz-'].some((prefix) => {
    const managed = headerOf(response, `${prefix}server-side-encryption`);
    const customer = headerOf(response, `${prefix}server-side-encryption-customer-algorithm`);
    return customer !== null || /kms/i.test(managed ?? '');
  });
}
