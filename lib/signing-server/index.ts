// Web standards alone: this entry runs where there is no Node.
export { createSigningHandler } from './create-signing-handler.js';
export { toNodeHandler } from './to-node-handler.js';
export { keyPrefixOf } from './policy/resolve-policy.js';

export type { Authorized, SigningHandler, SigningHandlerOptions } from './create-signing-handler.js';
export type { SigningPolicy, SigningUser } from './policy/signing-policy.js';
export type { FastifyReply, FastifyRequest, NodeHandler, NodeRequest, NodeResponse } from './to-node-handler.js';
