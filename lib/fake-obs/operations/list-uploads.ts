import { xmlAnswer } from '../answer.js';
import { answerOnly, bucketOf, type Context, type Handler } from '../context.js';
import { storageClassName } from '../object-headers.js';
import { parameterOf } from '../request.js';
import type { UploadRecord } from '../state.js';
import { element, elements, type Xml } from '../xml.js';
import { byUtf8, pageSize, textEncoding, truncation } from './paging.js';

/** `GET /?uploads`: unfinished uploads by key, those of one key by the time of their initiation. */
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
    const markers = last ? { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.uploadId } : null;
    const content = elements({
      Bucket: bucketOf(context).name,
      ...field,
      KeyMarker: encode(parameterOf(request, 'key-marker') ?? ''),
      UploadIdMarker: parameterOf(request, 'upload-id-marker') ?? '',
      Prefix: encode(parameterOf(request, 'prefix') ?? ''),
      MaxUploads: maxUploads,
      ...truncation(markers, config),
    });
    const uploads = page.map((upload) => describe(upload, encode, storageClassName(storageClassOf(upload), prefix)));
    const voice = { prefix, region: config.region };
    return answerOnly(xmlAnswer('ListMultipartUploadsResult', [...content, ...uploads], voice));
  },
};

/** What comes after the markers; an upload id marker counts only beside its key marker. */
function remaining(context: Context): readonly UploadRecord[] {
  const { request, state } = context;
  const bucket = bucketOf(context).name;
  const prefix = parameterOf(request, 'prefix') ?? '';
  const keyMarker = parameterOf(request, 'key-marker');
  const idMarker = parameterOf(request, 'upload-id-marker');
  const sorted = [...state.uploads.values()]
    .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .sort((a, b) => byUtf8(a.key, b.key) || a.initiatedAt - b.initiatedAt || byUtf8(a.uploadId, b.uploadId));
  if (keyMarker === null || keyMarker === '') return sorted;
  const marked = sorted.findIndex((upload) => upload.key === keyMarker && upload.uploadId === idMarker);
  return marked === -1 ? sorted.filter((upload) => byUtf8(upload.key, keyMarker) > 0) : sorted.slice(marked + 1);
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
