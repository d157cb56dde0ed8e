import { isBytes } from '../../model/kinds.js';
import { compositeEtag } from '../../fake-obs/state/etag.js';
import { readComplete } from '../../fake-obs/rules/read-complete.js';
import { fromBase64, fromUtf8, toHex, utf8 } from '../../bytes.js';
import { md5Hex } from '../../ports/hash/md5.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import { answers } from './answers.js';
import type { TestRequest } from './test-request.js';

/** OBS's response on success; null if that depends on what is stored. */
export function successOf({ operation, partNumber, body, headers }: TestRequest): TransportResponse | null {
  switch (operation) {
    case 'initiateMultipartUpload':
      return answers.initiated();
    case 'uploadPart':
      return answers.stored(announcedMd5(headers) ?? md5Hex(utf8(`part ${partNumber}`)));
    case 'putObject':
      return answers.stored(announcedMd5(headers) ?? md5Hex(utf8('object')));
    case 'listParts':
      return answers.partsListed([]);
    case 'completeMultipartUpload': {
      const parts = readComplete(isBytes(body) ? fromUtf8(body) : '');
      return answers.completed(compositeEtag(parts.map((part) => part.etag)));
    }
    case 'abortMultipartUpload':
      return answers.aborted();
    case 'listMultipartUploads':
      return answers.uploadsListed([]);
    default:
      return null;
  }
}

/** The ETag of what is sent with an MD5 is that MD5, which the service has checked. */
function announcedMd5(headers: Readonly<Record<string, string>>): string | null {
  const md5 = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-md5')?.[1];
  return md5 === undefined ? null : toHex(fromBase64(md5));
}
