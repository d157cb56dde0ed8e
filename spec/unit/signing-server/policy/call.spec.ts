import { callOf } from '../../../../lib/signing-server/policy/call.js';
import { refusal } from '../support.js';

describe('the calls that are signed', () => {
  it.each([
    ['POST', 'uploads', 'initiate', null],
    ['POST', 'uploads=', 'initiate', null],
    ['PUT', 'partNumber=1&uploadId=U', 'part', 'U'],
    ['PUT', 'uploadId=2~a%2F%3F%26&partNumber=10000', 'part', '2~a/?&'],
    ['GET', 'uploadId=U&max-parts=1000&part-number-marker=0', 'list-parts', 'U'],
    ['POST', 'uploadId=U', 'complete', 'U'],
    ['DELETE', 'uploadId=U', 'abort', 'U'],
    ['PUT', '', 'put', null],
    ['HEAD', '', 'head', null],
  ])('%s ?%s is %s', (method, query, name, uploadId) => {
    expect(callOf(method, query)).toMatchObject({ name, method, uploadId });
  });

  it.each([
    ['reading an object', 'GET', ''],
    ['deleting an object', 'DELETE', ''],
    ['deleting several objects', 'POST', 'delete'],
    ['appending', 'POST', 'append&position=0'],
    ['renaming', 'POST', 'name=users/bob/a&rename'],
    ['an ACL', 'PUT', 'acl'],
    ['an ACL with an upload', 'PUT', 'acl&partNumber=1&uploadId=U'],
    ['a policy', 'PUT', 'policy'],
    ['tagging', 'PUT', 'tagging'],
    ['retention', 'PUT', 'retention'],
    ['listing uploads', 'GET', 'uploads'],
    ['another version', 'DELETE', 'uploadId=U&versionId=V'],
    ['a response header', 'HEAD', 'response-content-type=text/html'],
    ['a part without an upload', 'PUT', 'partNumber=1'],
    ['an upload without a part', 'PUT', 'uploadId=U'],
    ['names in another case', 'PUT', 'PartNumber=1&UploadId=U'],
    ['another method', 'PATCH', 'uploads'],
    ['a method in lower case', 'post', 'uploads'],
  ])('%s is refused with 403', (_, method, query) => {
    expect(refusal(() => callOf(method, query))).toBe(403);
  });

  it.each([
    ['part 0', 'PUT', 'partNumber=0&uploadId=U'],
    ['part 10001', 'PUT', 'partNumber=10001&uploadId=U'],
    ['part 01', 'PUT', 'partNumber=01&uploadId=U'],
    ['part 1e3', 'PUT', 'partNumber=1e3&uploadId=U'],
    ['a part without a number', 'PUT', 'partNumber&uploadId=U'],
    ['an empty upload id', 'POST', 'uploadId='],
    ['an upload id with a line break', 'POST', 'uploadId=U%0a'],
    ['two upload ids', 'DELETE', 'uploadId=U&uploadId=V'],
    ['two upload ids, one disguised', 'DELETE', 'uploadId=U&upload%49d=V'],
    ['uploads of something', 'POST', 'uploads=x'],
    ['a broken escape', 'POST', 'uploadId=%4'],
  ])('%s is refused with 400', (_, method, query) => {
    expect(refusal(() => callOf(method, query))).toBe(400);
  });
});
