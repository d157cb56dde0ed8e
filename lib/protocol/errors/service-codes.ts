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
 *
 * Stores combine the same words to ever more codes: patterns recognize those, lists name the others.
 */
const kinds: readonly (readonly [CodeKind, codes: readonly string[], words?: RegExp])[] = [
  [
    'throttling',
    [
      // OBS, MinIO, R2
      'TooManyRequests',
      // The AWS SDKs' list
      'LimitExceededException',
      'ProvisionedThroughputExceededException',
      'RequestLimitExceeded',
      'TooManyRequestsException',
      // OSS
      'ActiveRequestLimitExceeded',
    ],
    // SlowDown (AWS, OBS, Ceph), SlowDownRead and SlowDownWrite (MinIO); ThrottlingException, RequestThrottled,
    // BandwidthLimitExceeded and more (the AWS SDKs' list); QpsLimitExceeded, UploadTrafficRateLimitExceeded (OSS)
    /throttl|slowdown|(?:qps|rate|bandwidth)limitexceeded/i,
  ],
  [
    'transient',
    [
      // AWS, OBS
      'RequestTimeout',
      'InternalError',
      'ServiceUnavailable',
      'IncompleteBody',
      'BadDigest',
      // MinIO: the body arrived damaged; AWS has the second one too
      'XAmzContentChecksumMismatch',
      'XAmzContentSHA256Mismatch',
      // OBS
      'BadGateway',
      'GatewayTimeout',
      // The AWS SDKs' list
      'InternalFailure',
      'PriorRequestNotComplete',
      'RequestTimeoutException',
      'TransactionInProgressException',
      // R2 and MinIO: the connection broke before the whole body had arrived
      'ClientDisconnect',
      'ClientDisconnected',
    ],
  ],
  [
    'conflict',
    [
      // AWS, OBS
      'OperationAborted',
      // AWS
      'ConditionalRequestConflict',
      // Ceph
      'ConcurrentModification',
    ],
  ],
  [
    'credentials',
    [
      // AWS; OBS and Ceph use it for expired temporary credentials too
      'InvalidAccessKeyId',
      'InvalidToken',
      'TokenRefreshRequired',
      'SignatureDoesNotMatch',
      'InvalidSecurity',
      // The common errors of AWS
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      // MinIO
      'InvalidTokenId',
      // OSS
      'InvalidSecurityToken',
    ],
    // ExpiredToken (AWS, and GCS for signed URLs), ExpiredTokenException (AWS), SecurityTokenExpired (OSS)
    /token\w{0,32}expired|expired\w{0,32}token/i,
  ],
  [
    'clock',
    [
      // AWS, OBS, Ceph, MinIO
      'RequestTimeTooSkewed',
      // The AWS SDKs' list
      'RequestInTheFuture',
    ],
    // RequestExpired (the AWS SDKs' list), ExpiredRequest (R2)
    /(?:request|signature|url)\w{0,32}expired|expired\w{0,32}(?:request|signature|url)/i,
  ],
];

export function kindOfCode(code: string | null): CodeKind | null {
  if (code === null) return null;
  return kinds.find(([, codes, words]) => codes.includes(code) || words?.test(code))?.[0] ?? null;
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
