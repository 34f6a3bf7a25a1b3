// Sets a property under any name: `__proto__` as a key must make an entry, and not change what the object inherits from.

/** Sets an own property and returns the object. */
export function setOwn<T extends object>(target: T, key: string, value: unknown): T {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  } else {
    ;(target as Record<string, unknown>)[key] = value
  }
  return target
}
