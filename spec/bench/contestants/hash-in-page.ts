import { piecewiseHasher } from '../../../lib/ports/hash/piecewise-hasher.js';
import { hashingBy } from './hashing.js';
import { register } from './register.js';

register(hashingBy(piecewiseHasher()));
