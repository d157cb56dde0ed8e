import { createObsConnection } from 'rx-obs-upload';
import { register } from './register.js';
import { uploadAllBy } from './upload-all.js';

register(uploadAllBy(createObsConnection));
