import { defer, identity, type Observable } from 'rxjs';
import { requireInteger } from '../../validation/check.js';
import { MAX_PART_COUNT } from '../../model/checkpoint/limits.js';
import type { Operation } from '../../protocol/operation.js';
import { listParts, readPartsPage } from '../../protocol/operations/list-parts.js';
import { readXmlResponse } from '../../protocol/response/response.js';
import { textOf } from '../../protocol/xml.js';
import type { OpenClient } from '../client/open-client.js';
import type { ListPartsOutput, ListPartsParams, PartOutput } from '../model/multipart.js';
import type { ObsResult } from '../model/result.js';
import { quotedEtag } from '../params/etag.js';
import { uploadOf } from '../params/target.js';
import { accountsOutput, nodesOf, textOutput } from '../results/xml-output.js';
import { ask$ } from './ask.js';
import { pageSizeOf, withQuery } from './page.js';

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
