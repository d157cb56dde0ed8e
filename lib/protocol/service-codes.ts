/** How a client should react to an error code. A code without a kind is final. */
export type CodeKind =
  /** Retry later, with fewer requests at once. */
  | 'throttling'
  /** Retry later. */
  | 'transient'
  /** Another operation is in the way: retry later. */
  | 'conflict'
  /** The date of the signature is refused; for a signed URL: it has expired. */
  | 'clock'
  /** The credentials have expired, or are unknown or wrong. */
  | 'credentials';

/**
 * The error references of the stores. AWS: "Error responses" of S3 and the lists by which its SDKs retry
 * (`service-error-classification`); OBS: "Error codes"; Ceph: `rgw_common.cc`; MinIO: `cmd/api-errors.go`; R2: "Error
 * codes"; GCS: "XML API errors"; OSS: "Error responses" and "HTTP status code 503".
 */
const kinds: Readonly<Record<string, CodeKind>> = {
  // AWS, OBS, Ceph
  SlowDown: 'throttling',
  // OBS, MinIO, R2
  TooManyRequests: 'throttling',
  // The AWS SDKs' list
  BandwidthLimitExceeded: 'throttling',
  EC2ThrottledException: 'throttling',
  LimitExceededException: 'throttling',
  ProvisionedThroughputExceededException: 'throttling',
  RequestLimitExceeded: 'throttling',
  RequestThrottled: 'throttling',
  RequestThrottledException: 'throttling',
  ThrottledException: 'throttling',
  Throttling: 'throttling',
  ThrottlingException: 'throttling',
  TooManyRequestsException: 'throttling',
  // MinIO
  SlowDownRead: 'throttling',
  SlowDownWrite: 'throttling',
  // OSS
  ActiveRequestLimitExceeded: 'throttling',

  // AWS, OBS
  RequestTimeout: 'transient',
  InternalError: 'transient',
  ServiceUnavailable: 'transient',
  IncompleteBody: 'transient',
  BadDigest: 'transient',
  // MinIO: the body arrived damaged; AWS has the second one too
  XAmzContentChecksumMismatch: 'transient',
  XAmzContentSHA256Mismatch: 'transient',
  // OBS
  BadGateway: 'transient',
  GatewayTimeout: 'transient',
  // The AWS SDKs' list
  InternalFailure: 'transient',
  PriorRequestNotComplete: 'transient',
  RequestTimeoutException: 'transient',
  TransactionInProgressException: 'transient',
  // R2 and MinIO: the connection broke before the whole body had arrived
  ClientDisconnect: 'transient',
  ClientDisconnected: 'transient',

  // AWS, OBS
  OperationAborted: 'conflict',
  // AWS
  ConditionalRequestConflict: 'conflict',
  // Ceph
  ConcurrentModification: 'conflict',

  // AWS, OBS, Ceph, MinIO
  RequestTimeTooSkewed: 'clock',
  // The AWS SDKs' list
  RequestExpired: 'clock',
  RequestInTheFuture: 'clock',
  // R2
  ExpiredRequest: 'clock',

  // AWS; OBS and Ceph use the first for expired temporary credentials too, GCS the second for expired signed URLs
  InvalidAccessKeyId: 'credentials',
  ExpiredToken: 'credentials',
  InvalidToken: 'credentials',
  TokenRefreshRequired: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  InvalidSecurity: 'credentials',
  // The common errors of AWS
  ExpiredTokenException: 'credentials',
  InvalidClientTokenId: 'credentials',
  UnrecognizedClientException: 'credentials',
  // MinIO
  InvalidTokenId: 'credentials',
  // OSS
  SecurityTokenExpired: 'credentials',
  InvalidSecurityToken: 'credentials',
};

/** Stores combine the same words to further codes, such as OSS's `UploadTrafficRateLimitExceeded`. */
const words: readonly (readonly [RegExp, CodeKind])[] = [
  [/throttl|slowdown|(?:qps|rate|bandwidth)limitexceeded/i, 'throttling'],
  [/token\w{0,32}expired|expired\w{0,32}token/i, 'credentials'],
  [/(?:request|signature|url)\w{0,32}expired|expired\w{0,32}(?:request|signature|url)/i, 'clock'],
];

export function kindOfCode(code: string | null): CodeKind | null {
  if (code === null) return null;
  if (Object.hasOwn(kinds, code)) return kinds[code] ?? null;
  return words.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

/**
 * Whether the same request may succeed if it is sent again. The code comes first: AWS gives RequestTimeout as a 400.
 * Proxies and CDNs have statuses of their own (520 to 530, 599), so any 5xx counts as a 500.
 */
export function isRetryable(code: string | null, status: number): boolean {
  const kind = kindOfCode(code);
  if (kind === 'throttling' || kind === 'transient' || kind === 'conflict') return true;
  if (status === 408 || status === 429) return true;
  return status >= 500 && kind === null && code !== 'NotImplemented';
}
