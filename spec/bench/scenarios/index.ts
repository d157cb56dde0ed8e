import type { Scenario } from '../scenario.js';
import { autoOnLoopback } from './auto-on-loopback.js';
import { checksum } from './checksum.js';
import { faults } from './faults.js';
import { largeFile } from './large-file.js';
import { longWay } from './long-way.js';
import { manyParts } from './many-parts.js';
import { memory } from './memory.js';
import { partScaling } from './part-scaling.js';
import { silence } from './silence.js';
import { smallFiles } from './small-files.js';

export const scenarios: readonly Scenario[] = [
  ...largeFile,
  manyParts,
  partScaling,
  smallFiles,
  checksum,
  longWay,
  autoOnLoopback,
  memory,
  silence,
  faults,
];
