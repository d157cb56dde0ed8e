// From the bundle that jest.config.ts uses as `rxjs`.
module.exports = require('rxjs').testing;
