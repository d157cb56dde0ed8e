import { expectLawsHold, TIMEOUT_MS } from './expect-laws-hold.js';

it(
  'the laws hold for every fault, every pair of faults and every cancel of one PUT',
  () => expectLawsHold({ name: 'one PUT', size: 10, taskNum: 1, multipart: 'auto' }, { faultsWithCancel: 1 }),
  TIMEOUT_MS,
);
