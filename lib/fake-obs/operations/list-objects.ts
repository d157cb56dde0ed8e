import { xmlAnswer } from '../response/answer.js';
import { answerOnly, bucketOf, type Handler } from '../context.js';
import { storageClassName } from '../request/object-headers.js';
import { parameterOf, type ObsRequest } from '../request/request.js';
import type { ObjectRecord } from '../state/state.js';
import { element, elements } from '../response/xml.js';
import { byUtf8, commonPrefixOf, pageSize, textEncoding, truncation } from './paging.js';

/** `GET /{bucket}`: objects by key; with `delimiter`, what shares a prefix counts as one. */
export const listObjects: Handler = {
  body: 'none',
  check: (context) => void bucketOf(context),
  finish(context) {
    const { request, prefix, config } = context;
    const bucket = bucketOf(context);
    const { encode, field } = textEncoding(request);
    const maxKeys = pageSize(request, 'max-keys', config);
    const rest = entriesOf([...bucket.objects.values()], request);
    const page = rest.slice(0, maxKeys);
    const isTruncated = maxKeys > 0 && rest.length > page.length;
    const last = page.at(-1);
    const content = elements({
      Name: bucket.name,
      ...field,
      Prefix: encode(parameterOf(request, 'prefix') ?? ''),
      Marker: encode(parameterOf(request, 'marker') ?? ''),
      Delimiter: parameterOf(request, 'delimiter'),
      MaxKeys: maxKeys,
      ...truncation(isTruncated && last ? { NextMarker: encode(last.name) } : null, config),
    });
    const listed = page.map(({ name, object }) =>
      object === null
        ? element('CommonPrefixes', elements({ Prefix: encode(name) }))
        : element(
            'Contents',
            elements({
              Key: encode(name),
              LastModified: new Date(object.modifiedAt).toISOString(),
              ETag: `"${object.etag}"`,
              Size: object.size,
              Owner: elements({ ID: object.account }),
              StorageClass: storageClassName(object.headers.extension['storage-class'], prefix),
            }),
          ),
    );
    return answerOnly(xmlAnswer('ListBucketResult', [...content, ...listed], { prefix, region: config.region }));
  },
};

interface Entry {
  readonly name: string;
  /** null: a common prefix */
  readonly object: ObjectRecord | null;
}

function entriesOf(objects: readonly ObjectRecord[], request: ObsRequest): readonly Entry[] {
  const prefix = parameterOf(request, 'prefix') ?? '';
  const marker = parameterOf(request, 'marker') ?? '';
  const delimiter = parameterOf(request, 'delimiter') ?? '';
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const group = commonPrefixOf(object.key, prefix, delimiter);
    const name = group ?? object.key;
    if (byUtf8(name, marker) > 0) entries.set(name, { name, object: group === null ? object : null });
  }
  return [...entries.values()].sort((a, b) => byUtf8(a.name, b.name));
}
