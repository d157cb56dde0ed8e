import { xmlAnswer } from '../response/answer.js';
import { answerOnly, bucketOf, uploadOf, type Context, type Handler } from '../context.js';
import { storageClassName } from '../request/object-headers.js';
import { parameterOf } from '../request/request.js';
import type { UploadRecord } from '../state/state.js';
import { element, elements, type Xml } from '../response/xml.js';
import { byUtf8, commonPrefixOf, pageSize, textEncoding, truncation } from './paging.js';
import { elementOf, textOf } from '../state/checksum.js';
import { readCount } from '../rules/limits.js';

/** `GET /?uploads`: unfinished uploads by key and id; with `delimiter`, what shares a prefix counts as one. */
export const listUploads: Handler = {
  body: 'none',
  check: (context) => void bucketOf(context),
  finish(context) {
    const { request, prefix, config } = context;
    const { encode, field } = textEncoding(request);
    const maxUploads = pageSize(request, 'max-uploads', config);
    const rest = remaining(context);
    const page = rest.slice(0, maxUploads);
    const last = rest.length > page.length ? page.at(-1) : undefined;
    const markers = last ? { NextKeyMarker: encode(last.name), NextUploadIdMarker: last.upload?.uploadId ?? '' } : null;
    const content = elements({
      Bucket: bucketOf(context).name,
      ...field,
      KeyMarker: encode(parameterOf(request, 'key-marker') ?? ''),
      UploadIdMarker: parameterOf(request, 'upload-id-marker') ?? '',
      Prefix: encode(parameterOf(request, 'prefix') ?? ''),
      Delimiter: parameterOf(request, 'delimiter'),
      MaxUploads: maxUploads,
      ...truncation(markers, config),
    });
    const listed = page.map(({ name, upload }) =>
      upload === null
        ? element('CommonPrefixes', elements({ Prefix: encode(name) }))
        : describe(upload, encode, storageClassName(storageClassOf(upload), prefix)),
    );
    const voice = { prefix, region: config.region };
    return answerOnly(xmlAnswer('ListMultipartUploadsResult', [...content, ...listed], voice));
  },
};

interface Entry {
  readonly name: string;
  /** null: a common prefix */
  readonly upload: UploadRecord | null;
}

/**
 * What comes after the markers, whether or not the upload that they name still exists: clients abort what they have
 * listed before they ask for the next page. An upload id marker counts only beside its key marker.
 */
function remaining(context: Context): readonly Entry[] {
  const { request, state } = context;
  const bucket = bucketOf(context).name;
  const prefix = parameterOf(request, 'prefix') ?? '';
  const delimiter = parameterOf(request, 'delimiter') ?? '';
  const keyMarker = parameterOf(request, 'key-marker') ?? '';
  const idMarker = parameterOf(request, 'upload-id-marker') ?? '';
  const entries: Entry[] = [];
  const sorted = [...state.uploads.values()]
    .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .sort((a, b) => byUtf8(a.key, b.key) || byUtf8(a.uploadId, b.uploadId));
  for (const upload of sorted) {
    const group = commonPrefixOf(upload.key, prefix, delimiter);
    const name = group ?? upload.key;
    const order = byUtf8(name, keyMarker);
    const isNext =
      order > 0 || (order === 0 && group === null && idMarker !== '' && byUtf8(upload.uploadId, idMarker) > 0);
    if (isNext && (group === null || entries.at(-1)?.name !== group)) {
      entries.push({ name, upload: group === null ? upload : null });
    }
  }
  return entries;
}

function storageClassOf(upload: UploadRecord): string | undefined {
  return upload.headers.extension['storage-class'];
}

function describe(upload: UploadRecord, encode: (text: string) => string, storageClass: string): Xml {
  const owner = elements({ ID: upload.account });
  return element(
    'Upload',
    elements({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: owner,
      Owner: owner,
      StorageClass: storageClass,
      Initiated: new Date(upload.initiatedAt).toISOString(),
    }),
  );
}

/** `GET /{key}?uploadId=U&max-parts=1000&part-number-marker=M`; at most 1,000 a page. */
export const listParts: Handler = {
  body: 'none',
  check: (context) => void uploadOf(context),
  finish(context) {
    const { request, prefix, config } = context;
    const upload = uploadOf(context);
    const { encode, field } = textEncoding(request);
    const maxParts = pageSize(request, 'max-parts', config);
    const marker = readCount(
      parameterOf(request, 'part-number-marker'),
      0,
      Number.MAX_SAFE_INTEGER,
      'part-number-marker',
    );
    const rest = [...upload.parts.values()]
      .filter((part) => part.partNumber > marker)
      .sort((a, b) => a.partNumber - b.partNumber);
    const page = rest.slice(0, maxParts);
    const last = rest.length > page.length ? page.at(-1) : undefined;
    const owner = elements({ ID: upload.account });
    const content = elements({
      Bucket: upload.bucket,
      ...field,
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: owner,
      Owner: owner,
      StorageClass: storageClassName(upload.headers.extension['storage-class'], prefix),
      PartNumberMarker: marker,
      MaxParts: maxParts,
      ...truncation(last ? { NextPartNumberMarker: last.partNumber } : null, config),
    });
    const parts = page.map((part) =>
      element(
        'Part',
        elements({
          PartNumber: part.partNumber,
          LastModified: new Date(part.modifiedAt).toISOString(),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...(part.checksum && prefix === 'x-amz-' && part.checksum.name !== 'crc64ecma'
            ? { [elementOf(part.checksum.name)]: textOf(part.checksum) }
            : {}),
        }),
      ),
    );
    return answerOnly(xmlAnswer('ListPartsResult', [...content, ...parts], { prefix, region: config.region }));
  },
};
