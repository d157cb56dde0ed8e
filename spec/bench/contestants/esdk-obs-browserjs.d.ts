/** The small part of the official SDK that is used here; it has no types. */
declare module 'esdk-obs-browserjs/dist/@cloud/esdk-obs-browserjs-without-polyfill.3.25.6.min.js' {
  // eslint-disable-next-line no-restricted-syntax -- as the SDK does
  export default class ObsClient {
    constructor(options: object);
    uploadFile(params: object): Promise<{ readonly CommonMsg: { readonly Status: number; readonly Code: string } }>;
  }
}
