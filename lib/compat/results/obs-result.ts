import { requestIdOf } from '../../protocol/response.js';
import { parseXml, textOf } from '../../protocol/xml.js';
import type { ServiceError } from '../../model/errors/service-error.js';
import type { TransportResponse } from '../../ports/transport/transport.js';
import type { CommonMsg, ObsResult } from '../model/result.js';

/** A call that the service did. @param response - null where what it did was found out in another way */
export function succeeded<T extends object>(response: TransportResponse | null, output: T): ObsResult<T> {
  const CommonMsg = response === null ? FOUND : commonMsgOf(response);
  const { RequestId, Id2 } = CommonMsg;
  return { CommonMsg, InterfaceResult: { ...output, RequestId, Id2 } };
}

/** A call that the service refused, in its own words where they were heard. */
export function refused(error: ServiceError, response: TransportResponse | null): ObsResult<never> {
  if (response?.status === error.status) return { CommonMsg: commonMsgOf(response) };
  const { status: Status, serviceCode, message: Message, requestId } = error;
  return { CommonMsg: { Status, Code: serviceCode ?? '', Message, HostId: '', RequestId: requestId ?? '', Id2: '' } };
}

const FOUND: CommonMsg = { Status: 200, Code: '', Message: '', HostId: '', RequestId: '', Id2: '' };

function commonMsgOf(response: TransportResponse): CommonMsg {
  const { status: Status, headers } = response;
  const xml = Status < 300 ? null : parseXml(response.body);
  const node = xml?.root === 'Error' ? xml.node : {};
  return {
    Status,
    Code: textOf(node, 'Code') ?? '',
    Message: textOf(node, 'Message') ?? '',
    HostId: textOf(node, 'HostId') ?? '',
    RequestId: textOf(node, 'RequestId') ?? requestIdOf(response) ?? '',
    Id2: headers['x-obs-id-2'] ?? headers['x-amz-id-2'] ?? '',
  };
}
