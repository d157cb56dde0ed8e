import { serveMd5 } from './serve-md5.js';

serveMd5();
