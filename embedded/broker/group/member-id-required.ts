// The refusal of a first join: the member gets its id with it, so that a join whose answer is lost leaves no ghost behind.

import { errorCode } from '../wire/error-code.ts'
import { ProtocolError } from '../wire/protocol-error.ts'

/** MEMBER_ID_REQUIRED carries the id that the member has to come back with. */
export class MemberIdRequired extends ProtocolError {
  readonly memberId: string

  constructor(memberId: string) {
    super(errorCode.memberIdRequired, 'Join again with this member id.')
    this.name = 'MemberIdRequired'
    this.memberId = memberId
  }
}
