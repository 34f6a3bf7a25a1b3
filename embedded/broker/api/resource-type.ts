// The kinds of resource that configuration requests name.

export const resourceType = { topic: 2, broker: 4 } as const
