import type { ObsCredentials } from '../model/credentials.js';

/** Whether they can be signed with: keys and token go into headers, so no line break may be in them. */
export function areCredentials(value: unknown): value is ObsCredentials {
  const { accessKeyId, secretAccessKey, securityToken } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const hasToken = securityToken !== undefined && securityToken !== null && securityToken !== '';
  return isHeaderText(accessKeyId) && isHeaderText(secretAccessKey) && (!hasToken || isHeaderText(securityToken));
}

function isHeaderText(value: unknown): boolean {
  return typeof value === 'string' && /^[\u0020-\u007e]+$/.test(value);
}
