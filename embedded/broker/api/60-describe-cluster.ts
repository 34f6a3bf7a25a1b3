// DescribeCluster: v0
//
// The one node. Always flexible.
// Not supported: authorized operations (always reported as unknown).

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'

const UNKNOWN_OPERATIONS = -2147483648

export const describeCluster: ApiHandler = {
  key: 60,
  name: 'DescribeCluster',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  handle({ reply }, broker) {
    reply.i32(0).i16(errorCode.none).string(null).string(broker.clusterId).i32(broker.nodeId)
    reply.array([broker], ({ nodeId, host, port }) => {
      reply.i32(nodeId).string(host).i32(port).string(null).tags()
    })
    reply.i32(UNKNOWN_OPERATIONS).tags()
  },
}
