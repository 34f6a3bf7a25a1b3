// Avro's naming rules: what a name may look like, and how a name and a namespace become a full name.

const PART = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The operations on names that parser, printer and checker share. */
export const schemaName = {
  /** A name without dots: a field, a symbol. */
  isSimple: (name: string): boolean => PART.test(name),

  /** A name that may carry its namespace. */
  isFull: (name: string): boolean => name.split('.').every((part) => PART.test(part)),

  /** A name with dots is already full; any other one gets the namespace, where there is one. */
  resolve: (name: string, namespace: string): string =>
    name.includes('.') || namespace === '' ? name : `${namespace}.${name}`,

  /** The part after the last dot. */
  short: (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1),

  /** The part before the last dot; empty where there is none. */
  namespace: (fullName: string): string => fullName.slice(0, Math.max(0, fullName.lastIndexOf('.'))),

  /** As it is written inside `namespace`: short where the namespace is the same or absent. */
  within: (fullName: string, namespace: string): string =>
    schemaName.namespace(fullName) === namespace ? schemaName.short(fullName) : fullName,
}
