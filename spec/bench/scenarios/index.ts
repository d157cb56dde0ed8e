import type { Scenario } from '../scenario.js';
import { autoOnLoopback } from './auto-on-loopback.js';
import { checksum } from './checksum.js';
import { coldPage } from './cold-page.js';
import { distance } from './distance.js';
import { faults } from './faults.js';
import { hashing } from './hashing.js';
import { largeFile } from './large-file.js';
import { longWay } from './long-way.js';
import { manyParts } from './many-parts.js';
import { memory } from './memory.js';
import { background, busyPage } from './other-work.js';
import { partScaling } from './part-scaling.js';
import { silence } from './silence.js';
import { smallFiles } from './small-files.js';
import { worker } from './worker.js';

export const scenarios: readonly Scenario[] = [
  ...largeFile,
  manyParts,
  partScaling,
  ...smallFiles,
  coldPage,
  worker,
  ...busyPage,
  background,
  checksum,
  hashing,
  longWay,
  ...distance,
  autoOnLoopback,
  memory,
  silence,
  faults,
];
