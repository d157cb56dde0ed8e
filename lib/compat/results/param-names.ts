const names: Readonly<Record<string, string>> = {
  acl: 'ACL',
  sse: 'SseC',
  tagging: 'Tags',
  maxConcurrentRequests: 'max_concurrent_requests',
  'retry.maxAttempts': 'PartRetryNum',
  'sse.keyId': 'SseKmsKey',
  callback: 'CallbackUrl',
  'callback.url': 'CallbackUrl',
  'callback.host': 'CallbackHost',
  'callback.body': 'CallbackBody',
  'callback.bodyType': 'CallbackBodyType',
};

const asTheyAre = /_|^(?:server|port|timeout|signature|region|addressing)$/;

/** The name of a library option in the callback API. */
export function paramNameOf(option: string): string {
  if (asTheyAre.test(option)) return option;
  return names[option] ?? option.charAt(0).toUpperCase() + option.slice(1);
}
