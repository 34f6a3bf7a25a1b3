// Loads a module of dist/, so that what is measured is what a package's user runs; the types are those of the source. A folder in
// BENCH_DIST is taken in its place, to measure one build beside another.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @param path below dist/, without its ending, such as `src/kafka/connect-kafka` */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(pathToFileURL(resolve(process.env['BENCH_DIST'] ?? 'dist', `${path}.js`)).href)) as Module
}
