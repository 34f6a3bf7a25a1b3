// The compatibility levels as data: which directions each asks for, and whether of all earlier versions or of the last.

/** What each level checks; its keys are the levels that a client may name. */
export const COMPATIBILITY_LEVELS = {
  NONE: { backward: false, forward: false, transitive: false },
  BACKWARD: { backward: true, forward: false, transitive: false },
  BACKWARD_TRANSITIVE: { backward: true, forward: false, transitive: true },
  FORWARD: { backward: false, forward: true, transitive: false },
  FORWARD_TRANSITIVE: { backward: false, forward: true, transitive: true },
  FULL: { backward: true, forward: true, transitive: false },
  FULL_TRANSITIVE: { backward: true, forward: true, transitive: true },
} as const

export type CompatibilityLevel = keyof typeof COMPATIBILITY_LEVELS
