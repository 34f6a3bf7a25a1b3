// ApiVersions: v0-3
//
// The list of registered handlers, so it cannot promise what is not there. A version beyond 3 is answered in v0 with
// UNSUPPORTED_VERSION and the list, as clients expect. v3: flexible body; its reply header never is.

import { errorCode } from '../wire/error-code.ts'
import type { ApiHandler } from './api-handler.ts'

export const apiVersions: ApiHandler = {
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  handle({ version, reply }, broker) {
    const isKnown = version <= 3
    reply.i16(isKnown ? errorCode.none : errorCode.unsupportedVersion)
    reply.array(broker.apis, ({ key, minVersion, maxVersion }) => {
      reply.i16(key).i16(minVersion).i16(maxVersion).tags()
    })
    if (isKnown && version >= 1) reply.i32(0)
    reply.tags()
  },
}
