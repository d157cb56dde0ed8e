// Of the bundle that jest.config.ts takes for `rxjs`.
module.exports = require('rxjs').testing;
