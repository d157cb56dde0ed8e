// Signatures in headers and in URLs, with and without a session token.
import assert from 'node:assert/strict';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createObsConnection, createSignedUrl, s3Dialect, upload, v4Signer } from 'rx-obs-upload';
import { Bucket, bytes, check, PART, region } from './world.mjs';

const Key = `signed/ü +!'()*~ä.txt`;
const small = bytes(100_000);
const large = bytes(2 * PART + 12_345);

export async function checkSignatures({ endpoint, credentials, client, bytesOf }) {
  await check('headers that it signs, we sign alike', async () => {
    const requests = [];
    const spied = client();
    spied.middlewareStack.add((next) => (args) => (requests.push(args.request), next(args)), {
      step: 'finalizeRequest',
      priority: 'low',
    });
    await spied.send(new PutObjectCommand({ Bucket, Key, Body: small.subarray(0, 99), Metadata: { a: 'b  c' } }));
    await spied.send(new ListPartsCommand({ Bucket, Key, UploadId: '2~+/=&' })).catch(() => undefined);
    assert.equal(requests.length, 2);
    for (const request of requests) assert.equal(signedByUs(request, credentials), request.headers.authorization);
  });

  // By default the SDK puts the checksum of nothing into the URL.
  const presigner = client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const signingDate = new Date();
  const urls = [
    [new PutObjectCommand({ Bucket, Key }), { method: 'PUT' }],
    [
      new PutObjectCommand({ Bucket, Key, ContentType: 'text/plain' }),
      { method: 'PUT', headers: { 'Content-Type': 'text/plain' } },
      { signableHeaders: new Set(['content-type']) },
    ],
    [
      new UploadPartCommand({ Bucket, Key, UploadId: '2~+/=&', PartNumber: 3 }),
      { method: 'PUT', query: { uploadId: '2~+/=&', partNumber: 3 } },
    ],
    [new CreateMultipartUploadCommand({ Bucket, Key }), { method: 'POST', query: { uploads: '' } }],
    [
      new ListPartsCommand({ Bucket, Key, UploadId: 'U', MaxParts: 7 }),
      { method: 'GET', query: { uploadId: 'U', 'max-parts': 7 } },
    ],
    [new AbortMultipartUploadCommand({ Bucket, Key, UploadId: 'U' }), { method: 'DELETE', query: { uploadId: 'U' } }],
  ];
  for (const [command, request, options] of urls) {
    await check(`the URL of a ${command.constructor.name}`, async () => {
      const theirs = await getSignedUrl(presigner, command, { expiresIn: 300, signingDate, ...options });
      const parameters = new URL(theirs).searchParams;
      const extra = ['x-id', 'X-Amz-Content-Sha256'].filter((name) => parameters.has(name));
      const query = { ...request.query, ...Object.fromEntries(extra.map((name) => [name, parameters.get(name)])) };
      const signed = createSignedUrl({
        server: endpoint,
        credentials,
        signer: v4Signer({ region }),
        bucket: Bucket,
        key: Key,
        expiresInSeconds: 300,
        requestDate: signingDate,
        ...request,
        query,
      });
      assert.deepEqual(sorted(signed.url), sorted(theirs));
      if (command instanceof PutObjectCommand) {
        for (const url of [theirs, signed.url]) {
          const response = await fetch(url, { method: 'PUT', body: small, headers: request.headers ?? {} });
          assert.equal(response.status, 200, await response.text());
        }
        assert.deepEqual(await bytesOf(Key), small);
      }
    });
  }

  await check('uploads by signatures of its presigner', async () => {
    const commands = {
      putObject: PutObjectCommand,
      initiateMultipartUpload: CreateMultipartUploadCommand,
      uploadPart: UploadPartCommand,
      listParts: ListPartsCommand,
      completeMultipartUpload: CompleteMultipartUploadCommand,
      headObject: HeadObjectCommand,
    };
    const presign = (requests) =>
      Promise.all(
        requests.map(async ({ operation, key, uploadId, partNumber, headers }) => {
          const Command = commands[operation];
          const input = { Bucket, Key: key, UploadId: uploadId ?? undefined, PartNumber: partNumber ?? undefined };
          // What is sent beside the URL has to be signed with it.
          const command = new Command(input);
          command.middlewareStack.add(
            (next) => (args) => (Object.assign(args.request.headers, lowerCase(headers)), next(args)),
            { step: 'build', priority: 'low' },
          );
          const names = new Set(Object.keys(lowerCase(headers)));
          const url = await getSignedUrl(presigner, command, {
            expiresIn: 300,
            signableHeaders: names,
            unhoistableHeaders: names,
          });
          return { url, headers };
        }),
      );
    const signed = createObsConnection({ server: endpoint, presign, dialect: s3Dialect });
    const request = { bucket: Bucket, partSize: PART, checksum: 'crc64' };
    const one = await upload(signed, { ...request, key: 'presigned/one', sourceFile: new Blob([small]) });
    const parts = await upload(signed, { ...request, key: 'presigned/parts', sourceFile: new Blob([large]) });
    assert.deepEqual([one.verified, parts.verified], ['crc64', 'crc64']);
    assert.deepEqual(await bytesOf('presigned/parts'), large);
  });
}

/** The Authorization header that v4Signer gives the request. */
function signedByUs({ method, path, query, hostname, port, headers, body }, credentials) {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization)[1].split(';');
  const own = ['host', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token'];
  const given = names.filter((name) => !own.includes(name)).map((name) => [name, headers[name]]);
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const date = headers['x-amz-date'].replace(/^(.{4})(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  const request = {
    method,
    url: `http://${hostname}:${port}${path}${text.length > 0 ? `?${text.join('&')}` : ''}`,
    headers: Object.fromEntries(given),
    size: body?.length ?? null,
  };
  const context = { credentials, date: Date.parse(date), resource: path, body: body ?? null };
  const [signed] = v4Signer({ region }).sign(request, context);
  return signed.headers.Authorization;
}

function sorted(url) {
  const { origin, pathname, searchParams } = new URL(url);
  return [origin + pathname, ...[...searchParams].map((pair) => pair.join('=')).sort()];
}

function lowerCase(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
