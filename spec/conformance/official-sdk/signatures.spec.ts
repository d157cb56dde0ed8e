import fc from 'fast-check';
import { createSignedUrl } from '../../../lib/create-signed-url.js';
import type { ObjectOptions } from '../../../lib/model/object-options.js';
import { abortMultipartUpload } from '../../../lib/protocol/operations/abort-multipart-upload.js';
import { completeMultipartUpload } from '../../../lib/protocol/operations/complete-multipart-upload.js';
import { obsDialect, type Dialect } from '../../../lib/protocol/dialect.js';
import type { Addressing } from '../../../lib/protocol/request/endpoint.js';
import { headObject } from '../../../lib/protocol/operations/head-object.js';
import { initiateMultipartUpload } from '../../../lib/protocol/operations/initiate-multipart-upload.js';
import { listMultipartUploads } from '../../../lib/protocol/operations/list-multipart-uploads.js';
import { listParts } from '../../../lib/protocol/operations/list-parts.js';
import type { ObsRequest } from '../../../lib/protocol/obs-request.js';
import { putObject } from '../../../lib/protocol/operations/put-object.js';
import { uploadPart } from '../../../lib/protocol/operations/upload-part.js';
import type { SignedUrlOptions } from '../../../lib/create-signed-url.js';
import { obsSigner } from '../../../lib/signing/v2.js';
import { v2Signer } from '../../../lib/signing/v2.js';
import { v4Signer } from '../../../lib/signing/v4.js';
import * as any from '../../properties/signature-arbitraries.js';
import { loadOfficialSdk, type SdkOptions } from './signatures.js';
import { signedBy, unsigned } from '../../unit/signing/signed-by.js';

const sdk = loadOfficialSdk();
const host = 'obs.example.com';

/** The same call for the SDK and for this library. */
interface SameCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly build: (dialect: Dialect) => ObsRequest;
}

/** How requests are addressed and signed; the SDK uses the OBS signature only if the bucket is part of the host. */
const way = fc.constantFrom<{ readonly signature: 'obs' | 'v2'; readonly addressing: Addressing }[]>(
  { signature: 'obs', addressing: 'virtual-hosted' },
  { signature: 'v2', addressing: 'virtual-hosted' },
  { signature: 'v2', addressing: 'path' },
  { signature: 'v2', addressing: 'cname' },
);
const signerOf = { obs: obsSigner(), v2: v2Signer() };

describe('compared with the official SDK: signatures', () => {
  it('sends the same URL and the same headers', async () => {
    const tested = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        way,
        any.credentials,
        any.date,
        anyCall(),
        async ({ signature, addressing }, credentials, date, call) => {
          // The SDK omits the slash after the bucket, in the URL and in the signature; stores accept both.
          fc.pre(addressing !== 'path' || call.method !== 'listMultipartUploads');
          const signer = signerOf[signature];
          const theirs = await sdk.request(sdkOptions(credentials, signature, addressing), call.method, {
            ...call.parameters,
            RequestDate: new Date(date).toUTCString(),
          });
          const request = call.build(signer.dialect);
          const { resource, ...plain } = unsigned({ protocol: 'https:', host, addressing }, request);
          // The SDK sets a content type for every request; browsers only for one with a body.
          const headers = { 'Content-Type': 'binary/octet-stream', ...plain.headers };
          const ours = signedBy(signer, { ...plain, headers }, { credentials, date, resource });

          const { Accept: _, ...theirHeaders } = theirs.headers;
          expect(ours.headers).toEqual(theirHeaders);
          expect(normalized(ours.url)).toEqual(normalized(theirs.url));
          expect(request.method).toBe(theirs.method);
          tested.add(`${signature} ${addressing} ${call.method}`);
        },
      ),
      { seed: 1, numRuns: 400 },
    );
    expect(tested.size).toBe(4 * 8 - 1);
  });

  it('signs the same URLs with obs and v2', () => {
    fc.assert(
      fc.property(way, any.credentials, anySignedRequest(), (variant, credentials, request) => {
        const options = sdkOptions(credentials, variant.signature, variant.addressing);
        const theirs = sdk.signedUrl(options, 'createSignedUrlSync', sdkParameters(request));
        const expires = Number(new URL(theirs).searchParams.get('Expires'));
        const ours = createSignedUrl({
          ...request,
          server: `https://${host}`,
          addressing: variant.addressing,
          signer: signerOf[variant.signature],
          credentials,
          requestDate: new Date((expires - request.expiresInSeconds) * 1000),
        });
        expect(normalized(ours.url)).toEqual(normalized(theirs));
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('signs the same URLs with v4, with credentials without a token', () => {
    const region = 'cn-north-4';
    // Here the SDK does not support custom domains.
    const bucketInUrl = fc.constantFrom<Addressing[]>('virtual-hosted', 'path');
    fc.assert(
      fc.property(bucketInUrl, any.credentials, anySignedRequest(), (addressing, keys, request) => {
        const credentials = { ...keys, securityToken: null };
        const options = { ...sdkOptions(credentials, 'v2', addressing), region };
        const theirs = sdk.signedUrl(options, 'createV4SignedUrlSync', sdkParameters(request));
        const [, ...date] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
          new URL(theirs).searchParams.get('X-Amz-Date') ?? '',
        ) as unknown as string[];
        const [year, month, day, hours, minutes, seconds] = date.map(Number) as [number, number, ...number[]];
        const ours = createSignedUrl({
          ...request,
          server: `https://${host}`,
          addressing,
          signer: v4Signer({ region }),
          credentials,
          requestDate: new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds)),
        });
        expect(normalized(ours.url)).toEqual(normalized(theirs));
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

function sdkOptions(
  credentials: SignedUrlOptions['credentials'],
  signature: 'obs' | 'v2',
  addressing: Addressing,
): SdkOptions {
  return {
    access_key_id: credentials.accessKeyId,
    secret_access_key: credentials.secretAccessKey,
    security_token: credentials.securityToken ?? undefined,
    server: `https://${host}`,
    signature,
    path_style: addressing === 'path',
    is_cname: addressing === 'cname',
  };
}

/** All calls of an upload, with everything that both support. */
function anyCall(): fc.Arbitrary<SameCall> {
  const key = fc.oneof(any.anyKey, any.plausibleKey);
  const uploadId = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  const partNumber = fc.integer({ min: 1, max: 10_000 });
  const md5 = fc.option(fc.stringMatching(/^[A-Za-z0-9+/]{22}==$/));
  return fc
    .tuple(fc.record({ bucket: any.bucketName, key, uploadId, partNumber, md5 }), objectOptions(), fc.nat({ max: 7 }))
    .map(([{ bucket, key, uploadId, partNumber, md5 }, object, which]) => {
      const target = { Bucket: bucket, Key: key };
      const upload = { ...target, UploadId: uploadId };
      const body = new Uint8Array(5);
      const calls: readonly SameCall[] = [
        {
          method: 'initiateMultipartUpload',
          parameters: { ...target, ...sdkObjectParameters(object) },
          build: (dialect) => initiateMultipartUpload({ bucket, key, object }, dialect).request,
        },
        {
          method: 'uploadPart',
          parameters: {
            ...upload,
            PartNumber: partNumber,
            Body: 'hello',
            ...(md5 === null ? {} : { ContentMD5: md5 }),
          },
          build: (dialect) => {
            const request = uploadPart({ bucket, key, uploadId, partNumber, body }, dialect).request;
            return md5 === null ? request : { ...request, headers: { ...request.headers, 'Content-MD5': md5 } };
          },
        },
        {
          method: 'listParts',
          parameters: { ...upload, MaxParts: 1000, PartNumberMarker: partNumber },
          build: () => listParts({ bucket, key, uploadId, partNumberMarker: partNumber }).request,
        },
        {
          method: 'completeMultipartUpload',
          parameters: { ...upload, Parts: [{ PartNumber: partNumber, ETag: '"etag"' }] },
          build: (dialect) =>
            completeMultipartUpload({ bucket, key, uploadId, parts: [{ partNumber, etag: 'etag' }] }, dialect).request,
        },
        {
          method: 'abortMultipartUpload',
          parameters: upload,
          build: () => abortMultipartUpload({ bucket, key, uploadId }).request,
        },
        {
          method: 'listMultipartUploads',
          parameters: { Bucket: bucket, MaxUploads: 1000, EncodingType: 'url', Prefix: key },
          build: () => listMultipartUploads({ bucket, prefix: key }, obsDialect).request,
        },
        {
          method: 'putObject',
          parameters: { ...target, Body: 'hello', ...sdkObjectParameters(object) },
          build: (dialect) => putObject({ bucket, key, body, object }, dialect).request,
        },
        {
          method: 'getObjectMetadata',
          parameters: target,
          build: (dialect) => headObject({ bucket, key }, dialect).request,
        },
      ];
      return calls[which] as SameCall;
    });
}

function objectOptions(): fc.Arbitrary<ObjectOptions> {
  return fc.record(
    {
      contentType: fc.constantFrom('text/plain', 'video/mp4', 'application/octet-stream'),
      metadata: any.metadata,
      acl: fc.constantFrom('private', 'public-read'),
      storageClass: fc.constantFrom('STANDARD', 'WARM', 'COLD', 'DEEP_ARCHIVE', 'INTELLIGENT_TIERING'),
      websiteRedirectLocation: fc.constant('/index.html'),
      sse: fc.constant({ type: 'kms' }),
    },
    { requiredKeys: ['contentType'] },
  );
}

function sdkObjectParameters(object: ObjectOptions): object {
  return {
    ContentType: object.contentType,
    Metadata: object.metadata,
    ACL: object.acl,
    StorageClass: object.storageClass,
    WebsiteRedirectLocation: object.websiteRedirectLocation,
    SseKms: object.sse?.type,
  };
}

type SignedRequestOptions = Required<
  Pick<SignedUrlOptions, 'method' | 'bucket' | 'key' | 'query' | 'headers' | 'expiresInSeconds'>
>;

function anySignedRequest(): fc.Arbitrary<SignedRequestOptions> {
  const uploadId = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  const query = fc.oneof(
    fc.constant({ uploads: null }),
    fc.record({ uploadId }),
    fc.record({ uploadId, partNumber: fc.integer({ min: 1, max: 10_000 }) }),
    fc.record({ uploadId, 'max-parts': fc.constant(1000), 'part-number-marker': fc.nat() }),
    fc.record({ versionId: fc.string(), 'response-content-disposition': fc.constant('attachment; filename="a b"') }),
    fc.constant({
      'x-image-process': 'image/resize,w_100',
      'x-image-save-bucket': 'bWVkaWE',
      'x-image-save-object': 'YS5qcGc',
    }),
    fc.constant({}),
  );
  const headers = fc.record(
    {
      'Content-Type': fc.constantFrom('text/plain', 'video/mp4'),
      'Content-MD5': fc.constant('XUFAKrxLKna5cZ2REBfFkg=='),
      'x-obs-acl': fc.constant('private'),
      'x-amz-meta-name': fc.stringMatching(/^[!-~]{1,10}( [!-~]{1,10}){0,2}$/),
    },
    { requiredKeys: [] },
  );
  return fc.record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
    bucket: any.bucketName,
    key: fc.oneof(any.anyKey, any.plausibleKey),
    query,
    headers,
    expiresInSeconds: fc.integer({ min: 1, max: 604_800 }),
  });
}

function sdkParameters({ method, bucket, key, query, headers, expiresInSeconds }: SignedRequestOptions): object {
  const parameters = Object.entries(query ?? {}).filter(([, value]) => value !== null);
  return {
    Method: method,
    Bucket: bucket,
    Key: key,
    Expires: expiresInSeconds,
    Headers: headers,
    QueryParams: Object.fromEntries(parameters.map(([name, value]) => [name, String(value)])),
    ...(query && 'uploads' in query ? { SpecialParam: 'uploads' } : {}),
  };
}

/** A URL as a server reads it: without the default port, its parameters in any order. */
function normalized(url: string): unknown {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, parameters: Object.fromEntries(searchParams) };
}
