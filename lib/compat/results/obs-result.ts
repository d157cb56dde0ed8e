import { errorBodyOf } from '../../protocol/errors/error-body.js';
import { requestIdOf } from '../../protocol/response/response-headers.js';
import type { SentRequest } from '../../protocol/errors/sent-values.js';
import type { ServiceError } from '../../model/errors/errors.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import type { CommonMsg, ObsResult } from '../model/result.js';

type Response = TransportResponse & { readonly sent?: SentRequest };

/** A successful call. @param response - null if success was determined in another way */
export function succeeded<T extends object>(response: Response | null, output: T): ObsResult<T> {
  const CommonMsg = response === null ? FOUND : commonMsgOf(response);
  const { RequestId, Id2 } = CommonMsg;
  return { CommonMsg, InterfaceResult: { ...output, RequestId, Id2 } };
}

/** A refused call, with the service's response if there was one. */
export function refused(error: ServiceError, response: Response | null): ObsResult<never> {
  if (response?.status === error.status) return { CommonMsg: commonMsgOf(response) };
  const { status: Status, serviceCode, message: Message, requestId } = error;
  return { CommonMsg: { Status, Code: serviceCode ?? '', Message, HostId: '', RequestId: requestId ?? '', Id2: '' } };
}

const FOUND: CommonMsg = { Status: 200, Code: '', Message: '', HostId: '', RequestId: '', Id2: '' };

function commonMsgOf(response: Response): CommonMsg {
  const { status: Status, headers, sent } = response;
  const error = Status < 300 ? null : errorBodyOf(response, sent);
  return {
    Status,
    Code: error?.code ?? '',
    Message: error?.message ?? '',
    HostId: error?.hostId ?? '',
    RequestId: error?.requestId ?? requestIdOf(response) ?? '',
    Id2: headers['x-obs-id-2'] ?? headers['x-amz-id-2'] ?? '',
  };
}
