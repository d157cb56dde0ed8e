import { headerOf, type HeaderPrefix, type ObsRequest } from '../request/request.js';

/** Parameters that are part of the resource, and so of the signature. */
const subResources = new Set(
  (
    'uploads uploadId partNumber acl cors delete lifecycle location logging metadata notification policy position ' +
    'append modify name rename quota replication requestPayment restore storageClass storagePolicy storageinfo ' +
    'tagging torrent truncate versionId versioning versions website encryption inventory object-lock retention ' +
    'customdomain deletebucket mirrorBackToSource obscompresspolicy attname length x-image-process ' +
    'x-image-save-bucket x-image-save-object response-cache-control response-content-disposition ' +
    'response-content-encoding response-content-language response-content-type response-expires ' +
    'x-obs-security-token x-amz-security-token'
  ).split(' '),
);

/** What is signed by HMAC-SHA1: in the date line stands the Date header, or when a presigned URL expires. */
export function stringToSign(request: ObsRequest, prefix: HeaderPrefix, dateLine: string): string {
  const lines = [request.method, headerOf(request, 'content-md5'), headerOf(request, 'content-type'), dateLine];
  return (
    lines.map((line) => `${line ?? ''}\n`).join('') + canonicalHeaders(request, prefix) + canonicalResource(request)
  );
}

function canonicalHeaders({ headers }: ObsRequest, prefix: HeaderPrefix): string {
  return Object.keys(headers)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('');
}

function canonicalResource({ resource, query }: ObsRequest): string {
  const signed = query
    .filter(([name]) => subResources.has(name))
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => (value === null || value === '' ? name : `${name}=${value}`));
  return signed.length === 0 ? resource : `${resource}?${signed.join('&')}`;
}
