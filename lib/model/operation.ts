/** The calls of the OBS API that an upload is made of, by OBS's own names. */
export type Operation =
  | 'initiateMultipartUpload'
  | 'uploadPart'
  | 'listParts'
  | 'completeMultipartUpload'
  | 'abortMultipartUpload'
  | 'listMultipartUploads'
  | 'putObject'
  | 'headObject';
