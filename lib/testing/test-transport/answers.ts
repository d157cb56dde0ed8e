import { errorAnswer, xmlAnswer, type Answer } from '../../fake-obs/response/answer.js';
import { element, elements, type Xml } from '../../fake-obs/response/xml.js';
import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';
import type { UnfinishedUpload } from '../../protocol/operations/list-multipart-uploads.js';
import type { TransportResponse } from '../../ports/transport/transport.js';

/** OBS's responses to the calls of an upload; ETags are passed without quotes. */
export interface Answers {
  /** Of initiate. @param uploadId - by default `test-upload` */
  initiated(uploadId?: string): TransportResponse;
  /** Of a part or a single PUT. */
  stored(etag: string): TransportResponse;
  /** Of list parts. @param nextPartNumberMarker - if another page follows */
  partsListed(parts: readonly UploadedPart[], nextPartNumberMarker?: number): TransportResponse;
  /** Of complete. */
  completed(etag: string): TransportResponse;
  /** Of abort. */
  aborted(): TransportResponse;
  /** Of list uploads, in one page. */
  uploadsListed(uploads: readonly Pick<UnfinishedUpload, 'key' | 'uploadId'>[]): TransportResponse;
  /** Of HEAD. @param object - `uploadId` of the upload that created it, if any */
  found(object: { readonly size: number; readonly etag: string; readonly uploadId?: string }): TransportResponse;
  /** An error with OBS's XML body, such as `refused(503, 'SlowDown', { 'retry-after': '2' })`. */
  refused(status: number, code: string, headers?: Readonly<Record<string, string>>): TransportResponse;
}

/**
 * Responses of OBS to pass to {@link TestRequest.respond}.
 *
 * @example
 * ```ts
 * transport.expectOne('initiateMultipartUpload').respond(answers.initiated('upload-1'));
 * transport.expectOne({ partNumber: 1 }).respond(answers.refused(503, 'SlowDown'));
 * ```
 */
export const answers: Answers = {
  initiated: (uploadId = 'test-upload') => xml('InitiateMultipartUploadResult', elements({ UploadId: uploadId })),
  stored: (etag) => ({ status: 200, headers: { etag: `"${etag}"` }, body: '' }),
  partsListed: (parts, next) =>
    xml('ListPartsResult', [
      ...elements({ NextPartNumberMarker: next ?? null, IsTruncated: next !== undefined }),
      ...parts.map(({ partNumber, size, etag }) =>
        element('Part', elements({ PartNumber: partNumber, ETag: `"${etag}"`, Size: size })),
      ),
    ]),
  completed: (etag) => xml('CompleteMultipartUploadResult', elements({ ETag: `"${etag}"` })),
  aborted: () => ({ status: 204, headers: {}, body: '' }),
  uploadsListed: (uploads) =>
    xml('ListMultipartUploadsResult', [
      ...elements({ IsTruncated: false }),
      ...uploads.map(({ key, uploadId }) => element('Upload', elements({ Key: key, UploadId: uploadId }))),
    ]),
  found: ({ size, etag, uploadId }) => ({
    status: 200,
    headers: {
      etag: `"${etag}"`,
      'content-length': String(size),
      ...(uploadId === undefined ? {} : { 'x-obs-uploadid': uploadId }),
    },
    body: '',
  }),
  refused(status, code, headers = {}) {
    const answer = seen(errorAnswer({ code, status }, '', 'test-request'));
    return { ...answer, headers: { ...answer.headers, ...headers } };
  },
};

function xml(root: string, content: readonly Xml[]): TransportResponse {
  return seen(xmlAnswer(root, content, { prefix: 'x-obs-', region: 'test' }));
}

function seen({ status, headers, text }: Answer): TransportResponse {
  return { status, headers, body: text };
}
