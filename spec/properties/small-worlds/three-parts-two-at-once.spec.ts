import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

it(
  'the laws hold for every fault, every pair of faults and every cancel of three parts, two at once',
  () => expectLawsHold({ name: 'three parts, two at once', size: 50, taskNum: 2, multipart: 'always' }),
  TIMEOUT_MS,
);
