// Loads a module of dist/, so that what is measured is what a package's user runs; the types are those of the source.

/** @param path below dist/, without its ending, such as `src/kafka/connect-kafka` */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../dist/${path}.js`, import.meta.url).href)) as Module
}
