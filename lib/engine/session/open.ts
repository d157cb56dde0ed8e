import type { FileIdentity } from '../../model/checkpoint/checkpoint.js';
import type { Step } from '../step.js';
import { initiate$ } from './initiate.js';
import { resume$ } from './resume.js';
import type { Session } from './session.js';
import type { Upload } from '../upload.js';

export function open$(upload: Upload, file: FileIdentity): Step<Session> {
  return upload.checkpoint === null ? initiate$(upload, file) : resume$(upload, file, upload.checkpoint);
}
