import { piecewiseHasher } from '../../../lib/ports/hash/hasher.js';
import { hashingBy } from './hashing.js';
import { register } from './register.js';

register(hashingBy(piecewiseHasher()));
