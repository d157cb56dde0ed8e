import e2e from './jest.e2e.config.js';

/**
 * The specs that need a Ceph RADOS Gateway: npm run test:ceph starts one for them.
 * @type {import('jest').Config}
 */
export default { ...e2e, roots: ['<rootDir>/spec/ceph'] };
