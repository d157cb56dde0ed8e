import { memoryLock, type UploadLock } from 'rx-obs-upload';
import { fakeLock } from 'rx-obs-upload/testing';
import { uploadLockScenarios } from './upload-lock-scenarios.js';

const locks: Readonly<Record<string, () => UploadLock>> = { memoryLock, fakeLock };

describe.each(Object.entries(locks))('%s', (_, createLock) => {
  it.each(uploadLockScenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (__, { run }) =>
    run(createLock()),
  );
});
