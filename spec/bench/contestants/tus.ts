import { Upload } from 'tus-js-client';
import type { Work } from '../work.js';
import { register } from './register.js';
import { atMost } from './at-most.js';

register((files, work, endpoint) => atMost(files, work.filesAtOnce, (file) => uploadFile(file, work, endpoint)));

function uploadFile(file: File, { partSize, taskNum }: Work, endpoint: string): Promise<void> {
  const parallelUploads = typeof taskNum === 'number' && file.size > partSize ? taskNum : 1;
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: `${endpoint}/tus`,
      chunkSize: partSize,
      parallelUploads,
      // A small file is sent in one request.
      uploadDataDuringCreation: parallelUploads === 1,
      storeFingerprintForResuming: false,
      onProgress: () => undefined,
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
}
