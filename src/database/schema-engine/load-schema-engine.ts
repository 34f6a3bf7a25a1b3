// Loads Prisma's schema engine in WebAssembly, which npm has; the native one would have to be downloaded.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'

import { engineAdapterFactory } from './engine-adapter.ts'
import type { EngineArguments } from './engine-arguments.ts'

/** The engine's methods by the names that the Prisma CLI calls them by. */
export type SchemaEngine = Readonly<Record<string, ((params: unknown) => Promise<unknown>) | undefined>>

interface EngineModule {
  __wbg_set_wasm(exports: object): void
  readonly SchemaEngine: {
    new: (options: object, log: (line: string) => void, adapter: object) => Promise<SchemaEngine>
  }
}

/** The part of WebAssembly that is needed here; the compiler knows it only with the types of browsers. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
}

const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')

/** What the engine last said before it gave up; a panic carries no message of its own. */
export const lastPanic: { message?: string } = {}

export async function loadSchemaEngine({ datamodels, datasource }: EngineArguments): Promise<SchemaEngine> {
  // Looked up by the engine when it panics.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => Object.assign(lastPanic, { message }) },
  })
  const glue = (await import(script)) as EngineModule
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly
  const module = new Module(readFileSync(script.replace(/\.js$/, '.wasm')))
  const { exports } = new Instance(module, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(exports)
  ;(exports['__wbindgen_start'] as () => void)()
  const files = datamodels.map((file) => [file, readFileSync(file, 'utf8')])
  return glue.SchemaEngine.new(
    { datamodels: files.length > 0 ? files : undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(engineAdapterFactory(datasource)),
  )
}

/** The commit that the engine was built from: the last part of its version. */
export function schemaEngineCommit(): string {
  const { version } = JSON.parse(readFileSync(script.replace('schema_engine_bg.js', 'package.json'), 'utf8')) as {
    version: string
  }
  return version.split(/[.-]/).at(-1) ?? version
}
