import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

it(
  'every fault, every pair of faults and every cancel of three parts, two at once: the laws hold',
  () => expectLawsHold({ name: 'three parts, two at once', size: 50, taskNum: 2, multipart: 'always' }),
  TIMEOUT_MS,
);
