export { runBench } from './bench.js';
export { hottest } from './measure/hottest.js';
export { tableOf } from './report.js';
export { scenarios } from './scenarios/index.js';
