import { isChecksumName, type ChecksumName } from '../state/checksum.js';
import type { ObjectHeaders } from './object-headers.js';
import { Refusal } from '../response/refusal.js';
import { headerOf, type RequestHead } from './request.js';

/**
 * Checks how initiate announces the checksum of its parts (AWS: "CreateMultipartUpload"); others than these are taken
 * and not checked.
 * @throws {@link Refusal} InvalidRequest for a type that the algorithm does not have
 */
export function checkAnnouncement(request: RequestHead): void {
  const name = headerOf(request, 'x-amz-checksum-algorithm')?.toLowerCase();
  if (!isChecksumName(name)) return;
  const only = name === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = headerOf(request, 'x-amz-checksum-type') ?? only;
  if (type !== only) {
    throw new Refusal(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${name} checksum algorithm.`,
    );
  }
}

/** null: none */
export function announcedChecksum({ extension }: ObjectHeaders): ChecksumName | null {
  const name = extension['checksum-algorithm']?.toLowerCase();
  return isChecksumName(name) ? name : null;
}

/**
 * A part of S3 has the checksum that was announced, and no other; OBS's own needs no announcement.
 * @throws {@link Refusal} InvalidRequest
 */
export function checkAnnounced(given: ChecksumName | null, headers: ObjectHeaders): void {
  const announced = announcedChecksum(headers);
  if (given === announced || (given === 'crc64ecma' && announced === null)) return;
  throw new Refusal(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${announced}, actual checksum Type: ${given}`,
  );
}
