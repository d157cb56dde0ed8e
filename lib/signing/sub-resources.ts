/** Query parameters that belong to the resource and are signed (OBS REST reference, "Authentication"). */
export const subResources: ReadonlySet<string> = new Set(
  (
    'acl append attname cors customdomain delete deletebucket encryption inventory length lifecycle location logging ' +
    'metadata mirrorBackToSource modify name notification obscompresspolicy object-lock partNumber policy position ' +
    'quota rename replication requestPayment response-cache-control response-content-disposition ' +
    'response-content-encoding response-content-language response-content-type response-expires restore retention ' +
    'storageClass storagePolicy storageinfo tagging torrent truncate uploadId uploads versionId versioning versions ' +
    'website x-image-process'
  ).split(' '),
);
