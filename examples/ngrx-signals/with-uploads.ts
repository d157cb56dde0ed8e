import { signalStoreFeature, withMethods, withProps } from '@ngrx/signals';
import { injectUploads, type UploadsOptions } from 'rx-obs-upload/angular';

/** Adds an upload queue to a signal store: its state as signals, its commands as methods. It ends with the store. */
// What it adds is best inferred.
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export function withUploads(options: UploadsOptions = {}) {
  return signalStoreFeature(
    withProps(() => {
      const uploads = injectUploads(options);
      return {
        _uploads: uploads,
        uploads: uploads.rows,
        uploadTotals: uploads.totals,
        uploadCounts: uploads.counts,
        uploadNotices: uploads.notices,
        pendingUploads: uploads.pending,
      };
    }),
    withMethods(({ _uploads }) => ({
      addUploads: _uploads.add,
      pauseUploads: _uploads.pause,
      resumeUploads: _uploads.resume,
      retryUploads: _uploads.retry,
      abortUploads: _uploads.abort,
      removeUploads: _uploads.remove,
      moveUploadsToFront: _uploads.moveToFront,
      pickUpload: _uploads.pick,
      discardUploads: _uploads.discard,
      dismissUploadNotices: _uploads.dismiss,
    })),
  );
}
