import type { ExtraHeaders } from '../../model/object-options.js';
import type { Dialect } from '../../protocol/dialect.js';
import { readExtraHeaders } from '../../validation/extra-headers.js';
import type { GrantParams } from '../model/object-params.js';

/**
 * Grants and object lock, which the library takes as extra headers.
 * @throws InvalidOptionsError
 */
export function extraHeadersOf(params: GrantParams, { headerPrefix }: Dialect): ExtraHeaders {
  const values = {
    'grant-read': params.GrantRead,
    'grant-read-acp': params.GrantReadAcp,
    'grant-write-acp': params.GrantWriteAcp,
    'grant-full-control': params.GrantFullControl,
    'object-lock-mode': params.ObjectLockMode,
    'object-lock-retain-until-date': params.ObjectLockRetainUntailDate,
  };
  // Fields of forms are empty if not set.
  const set = Object.entries(values).filter(([, value]) => Boolean(value));
  return readExtraHeaders({ initiate: Object.fromEntries(set.map(([name, value]) => [headerPrefix + name, value])) });
}
