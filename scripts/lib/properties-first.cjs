const { default: Sequencer } = require('@jest/test-sequencer');

/** Properties take longest, and would otherwise run last and alone: Jest judges what it has not run yet by its size. */
module.exports = class PropertiesFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isProperty = ({ path }) => path.includes('/spec/properties/');
    return [...sorted.filter(isProperty), ...sorted.filter((test) => !isProperty(test))];
  }
};
