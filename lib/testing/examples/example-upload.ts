import type { UploadedPart } from '../../model/checkpoint/checkpoint.js';

/** The upload of all example events, checkpoints and snapshots, so that they are consistent. */
export const exampleUpload = {
  server: 'https://obs.test',
  bucket: 'media',
  key: 'a.bin',
  uploadId: 'test-upload',
  totalBytes: 250_000,
  partSize: 102_400,
  partCount: 3,
} as const;

export const examplePart: UploadedPart = {
  partNumber: 1,
  size: exampleUpload.partSize,
  etag: '0cc175b9c0f1b6a831c399e269772661',
};
