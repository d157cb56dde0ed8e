import { parameterOf, type ObsOperation, type QueryParameter } from './request.js';
import { Refusal } from '../response/refusal.js';

interface Query {
  readonly query: readonly QueryParameter[];
}

/** Sub-resources of OBS that the fake has no response for: refused rather than taken for something else. */
const unsupported = new Set(
  (
    'acl cors delete lifecycle location logging metadata notification policy position append modify name rename quota ' +
    'replication requestPayment restore storageClass storagePolicy storageinfo tagging torrent truncate versionId ' +
    'versioning versions website encryption inventory object-lock retention customdomain deletebucket ' +
    'mirrorBackToSource obscompresspolicy attname length x-image-process x-image-save-bucket x-image-save-object'
  ).split(' '),
);

/**
 * Which operation a request is.
 * @throws {@link Refusal} MethodNotAllowed, InvalidArgument or NotImplemented
 */
export function route(method: string, bucket: string | null, hasKey: boolean, request: Query): ObsOperation {
  if (method === 'OPTIONS') return 'preflight';
  for (const [name] of request.query) if (unsupported.has(name)) throw new Refusal('NotImplemented');
  if (method === 'HEAD' && !hasKey && parameterOf(request, 'apiversion') !== null) return 'headApiVersion';
  if (bucket === null) return pick(method, { GET: 'listBuckets' });
  return hasKey ? routeObject(method, request) : routeBucket(method, request);
}

function routeBucket(method: string, request: Query): ObsOperation {
  if (parameterOf(request, 'uploads') !== null) return pick(method, { GET: 'listMultipartUploads' });
  return pick(method, { GET: 'listObjects', HEAD: 'headBucket', PUT: 'createBucket', DELETE: 'deleteBucket' });
}

function routeObject(method: string, request: Query): ObsOperation {
  if (parameterOf(request, 'uploads') !== null) return pick(method, { POST: 'initiateMultipartUpload' });
  const hasUploadId = parameterOf(request, 'uploadId') !== null;
  const hasPartNumber = parameterOf(request, 'partNumber') !== null;
  if (hasPartNumber && !hasUploadId) throw new Refusal('InvalidArgument', 'partNumber needs an uploadId.');
  if (hasUploadId) {
    return pick(method, {
      GET: 'listParts',
      POST: 'completeMultipartUpload',
      DELETE: 'abortMultipartUpload',
      ...(hasPartNumber ? { PUT: 'uploadPart' } : {}),
    });
  }
  return pick(method, { GET: 'getObject', HEAD: 'headObject', PUT: 'putObject', DELETE: 'deleteObject' });
}

function pick(method: string, operations: Readonly<Record<string, ObsOperation>>): ObsOperation {
  const operation = Object.hasOwn(operations, method) ? operations[method] : undefined;
  if (operation === undefined) throw new Refusal('MethodNotAllowed');
  return operation;
}
