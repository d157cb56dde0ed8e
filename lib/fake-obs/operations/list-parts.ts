import { xmlAnswer } from '../response/answer.js';
import { elementOf, textOf } from '../state/checksum.js';
import { answerOnly, uploadOf, type Handler } from '../context.js';
import { readCount } from '../rules/limits.js';
import { storageClassName } from '../request/object-headers.js';
import { parameterOf } from '../request/request.js';
import { element, elements } from '../response/xml.js';
import { pageSize, textEncoding, truncation } from './paging.js';

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
