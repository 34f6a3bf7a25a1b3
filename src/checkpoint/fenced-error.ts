// Raised when a compare-and-set finds another revision or epoch: somebody else owns the partition now, or all epochs were raised
// because the projection's rows became shared.
import { MillraceError } from '../errors/millrace-error.ts'
import type { Fence } from './checkpoint.ts'

export class FencedError extends MillraceError {
  constructor(consumer: string, { topic, partition, revision, epoch }: Fence) {
    super(
      'MILLRACE_FENCED',
      `${consumer} no longer owns ${topic}[${partition}]: its checkpoint is not at revision ${revision} of epoch ${epoch}. ` +
        'The write was refused as a whole; the partition is taken again if the group still assigns it here.',
      { context: { consumer, topic, partition } },
    )
  }
}
