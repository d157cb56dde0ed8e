/** A code of OBS's (or S3's) error responses that the fake sends without a fault. */
export type RefusalCode =
  | 'AccessDenied'
  | 'AccessForbidden'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'BadDigest'
  | 'BadRequest'
  | 'BucketAlreadyOwnedByYou'
  | 'BucketNotEmpty'
  | 'EntityTooLarge'
  | 'EntityTooSmall'
  | 'ExpiredToken'
  | 'IncompleteBody'
  | 'InternalError'
  | 'InvalidAccessKeyId'
  | 'InvalidArgument'
  | 'InvalidBucketName'
  | 'InvalidDigest'
  | 'InvalidPart'
  | 'InvalidPartOrder'
  | 'InvalidRange'
  | 'InvalidRequest'
  | 'InvalidSecurity'
  | 'InvalidStorageClass'
  | 'InvalidTag'
  | 'InvalidToken'
  | 'InvalidURI'
  | 'KeyTooLongError'
  | 'MalformedTrailerError'
  | 'MalformedXML'
  | 'MetadataTooLarge'
  | 'MethodNotAllowed'
  | 'MissingContentLength'
  | 'NoSuchBucket'
  | 'NoSuchKey'
  | 'NoSuchUpload'
  | 'NotImplemented'
  | 'ObjectAlreadyExists'
  | 'PreconditionFailed'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'
  | 'VirtualHostDomainRequired'
  | 'XAmzContentSHA256Mismatch';

/** HTTP status and message of each. */
const table: Readonly<Record<RefusalCode, readonly [status: number, message: string]>> = {
  AccessDenied: [403, 'Access Denied'],
  AccessForbidden: [403, 'CORSResponse: This CORS request is not allowed.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  AuthorizationQueryParametersError: [400, 'The query parameters of the signature are malformed.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what was received.'],
  BadRequest: [400, 'The request is not one that can be read.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket exists already and is yours.'],
  BucketNotEmpty: [409, 'The bucket still holds objects or unfinished uploads.'],
  EntityTooLarge: [400, 'The body is larger than what may be sent in one request.'],
  EntityTooSmall: [400, 'A part that is not the last one is smaller than the smallest part allowed.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  IncompleteBody: [400, 'Fewer or more bytes came than Content-Length says.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key id does not exist in our records.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidBucketName: [400, 'The specified bucket name is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 is not the Base64 of 16 bytes.'],
  InvalidPart: [400, 'A part of the list was not found, or its ETag does not match.'],
  InvalidPartOrder: [400, 'The list of parts is not in ascending order.'],
  InvalidRange: [416, 'The range cannot be satisfied.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidSecurity: [403, 'The provided security credentials are not valid.'],
  InvalidStorageClass: [400, 'The storage class is not valid.'],
  InvalidTag: [400, 'The tagging is not valid.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  InvalidURI: [400, 'The address cannot be decoded.'],
  KeyTooLongError: [400, 'The key is too long.'],
  MalformedTrailerError: [400, 'The request contained trailing data that was not well-formed.'],
  MalformedXML: [400, 'The XML is not well formed or is not what is expected here.'],
  MetadataTooLarge: [400, 'The user metadata is larger than 8 KB.'],
  MethodNotAllowed: [405, 'The method is not allowed for this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [404, 'The upload does not exist: the id may be invalid, or it may have been aborted or completed.'],
  NotImplemented: [501, 'This is not a part of the local service.'],
  ObjectAlreadyExists: [409, 'The key exists already and must not be overwritten.'],
  PreconditionFailed: [412, 'A precondition of the request does not hold.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the server time is too large.'],
  SignatureDoesNotMatch: [403, 'The signature that was computed is not the one you sent. Check your keys and method.'],
  VirtualHostDomainRequired: [403, 'Virtual-hosted addressing is required.'],
  XAmzContentSHA256Mismatch: [400, 'The x-amz-content-sha256 you specified did not match what was received.'],
};

/** Thrown inside the state machine where a request is refused; it becomes the error response. */
export class Refusal extends Error {
  /** Such as `NoSuchUpload`. */
  readonly code: RefusalCode;
  /** The HTTP status. */
  readonly status: number;
  /** Further elements of the error body, such as `ServerTime`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message?: string, details: Readonly<Record<string, string>> = {}) {
    super(message ?? table[code][1]);
    this.code = code;
    this.status = table[code][0];
    this.details = details;
  }
}

/** Status and message of any code: those of the table, else what the status says. */
export function describeCode(code: string): readonly [status: number, message: string] {
  return Object.hasOwn(table, code) ? table[code as RefusalCode] : [400, code];
}
