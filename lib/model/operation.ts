/** The calls of the OBS API that an upload consists of, by their OBS names. */
export type Operation =
  | 'initiateMultipartUpload'
  | 'uploadPart'
  | 'listParts'
  | 'completeMultipartUpload'
  | 'abortMultipartUpload'
  | 'listMultipartUploads'
  | 'putObject'
  | 'headObject';
