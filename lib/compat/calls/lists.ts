import { defer, identity, type Observable } from 'rxjs';
import { requireInteger } from '../../validation/check.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/parts.js';
import type { Operation } from '../../protocol/operation.js';
import { listParts, readPartsPage } from '../../protocol/operations/list-parts.js';
import { readXmlResponse } from '../../protocol/response/response.js';
import { textOf, type XmlNode } from '../../protocol/xml.js';
import type { OpenClient } from '../client/open-client.js';
import type {
  ListMultipartUploadsOutput,
  ListMultipartUploadsParams,
  ListPartsOutput,
  ListPartsParams,
  PartOutput,
  UnfinishedUploadOutput,
} from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { quotedEtag } from '../params/etag.js';
import { bucketOf, uploadOf } from '../params/target.js';
import { accountsOutput, nodesOf, textOutput } from '../results/xml-output.js';
import { ask$, pageSizeOf, withQuery } from './ask.js';
import {
  listMultipartUploads,
  readUploadsPage,
  type UnfinishedUpload,
} from '../../protocol/operations/list-multipart-uploads.js';

export function listParts$(client: OpenClient, params: ListPartsParams): Observable<ObsResult<ListPartsOutput>> {
  return defer(() => {
    const target = uploadOf(client, params);
    const marker = requireInteger('PartNumberMarker', Number(params.PartNumberMarker || 0), 0, MAX_PART_COUNT);
    const { request } = withQuery(listParts({ ...target, partNumberMarker: marker }), {
      'max-parts': pageSizeOf('MaxParts', params.MaxParts),
    });
    const read: Operation<ListPartsOutput>['read'] = (response, context) => {
      const node = readXmlResponse(response, 'ListPartsResult', context);
      const { parts } = readPartsPage(node, response, context);
      const dates = nodesOf(node, 'Part').map((part) => textOutput(part, 'LastModified'));
      return {
        Bucket: target.bucket,
        Key: target.key,
        UploadId: target.uploadId,
        IsTruncated: textOf(node, 'IsTruncated')?.trim() ?? 'false',
        ...textOutput(node, 'PartNumberMarker', 'NextPartNumberMarker', 'MaxParts', 'StorageClass'),
        ...accountsOutput(node),
        Parts: parts.map((part, i): PartOutput => ({
          PartNumber: String(part.partNumber),
          ...dates[i],
          ETag: quotedEtag(part.etag),
          Size: String(part.size),
        })),
      };
    };
    return ask$(client, params, { request, read }, identity);
  });
}

export function listMultipartUploads$(
  client: OpenClient,
  params: ListMultipartUploadsParams,
): Observable<ObsResult<ListMultipartUploadsOutput>> {
  return defer(() => {
    const bucket = bucketOf(client, params.Bucket);
    const { Prefix, Delimiter, KeyMarker, UploadIdMarker } = params;
    const { request } = withQuery(listMultipartUploads({ bucket, prefix: Prefix ?? '' }, client.signer.dialect), {
      delimiter: Delimiter,
      'key-marker': KeyMarker,
      // Empty after a page that ends with a folder.
      'upload-id-marker': UploadIdMarker || undefined,
      'max-uploads': pageSizeOf('MaxUploads', params.MaxUploads),
    });
    const read: Operation<ListMultipartUploadsOutput>['read'] = (response, context) => {
      const node = readXmlResponse(response, 'ListMultipartUploadsResult', context);
      const { uploads, nextMarker } = readUploadsPage(node, response, context);
      const accounts = nodesOf(node, 'Upload').map(accountsOutput);
      return {
        Bucket: bucket,
        IsTruncated: textOf(node, 'IsTruncated')?.trim() ?? 'false',
        ...given({ Prefix, Delimiter, KeyMarker, UploadIdMarker }),
        ...(nextMarker === null ? {} : { NextKeyMarker: nextMarker.key, NextUploadIdMarker: nextMarker.uploadId }),
        ...textOutput(node, 'MaxUploads'),
        Uploads: uploads.map((upload, i) => uploadOutput(upload, accounts[i])),
        CommonPrefixes: nodesOf(node, 'CommonPrefixes').map((prefix) => prefixOutput(prefix, node)),
      };
    };
    return ask$(client, params, { request, read }, identity);
  });
}

function uploadOutput(
  { key, uploadId, initiated, storageClass }: UnfinishedUpload,
  accounts: ReturnType<typeof accountsOutput> = { Initiator: {}, Owner: {} },
): UnfinishedUploadOutput {
  return {
    Key: key,
    UploadId: uploadId,
    ...(initiated === null ? {} : { Initiated: initiated }),
    ...(storageClass === null ? {} : { StorageClass: storageClass }),
    ...accounts,
  };
}

function prefixOutput(node: XmlNode, page: XmlNode): { readonly Prefix: string } {
  const text = textOf(node, 'Prefix') ?? '';
  const isEncoded = textOf(page, 'EncodingType') === 'url';
  return { Prefix: isEncoded ? decodeURIComponent(text.replace(/\+/g, '%20')) : text };
}

/** Repeats the parameters of the request that were set. */
function given<T extends Readonly<Record<string, string | undefined>>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as { [K in keyof T]?: string };
}
