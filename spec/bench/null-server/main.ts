import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PERFECT_LINE, type Line } from '../line.js';
import { createNullStore } from './answer.js';

/** A command of the runner to this process; each gets a response. */
export type Order = { readonly type: 'begin'; readonly line: Line } | { readonly type: 'report' };

// A separate process: its CPU time is not measured, and it does not wait for the runner.
const [, , pages = '.'] = process.argv;
let { answer, traffic } = createNullStore(pages, PERFECT_LINE);

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
  answer(request, response);
});
server.listen(0, () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('message', (order: Order) => {
  if (order.type === 'begin') ({ answer, traffic } = createNullStore(pages, order.line));
  process.send?.(traffic());
});
process.on('disconnect', () => process.exit());
