// `millrace init`: a minimal project that works: one event, one producer, one projection, one test. A name that ends in
// `.template` stands for a file that npm would not pack as it is.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { generateTypes } from '../../schema/generate-types.ts'
import { loadSchemas } from '../../schema/load-schemas.ts'
import { writeGenerated } from '../../schema/write-generated.ts'
import { type Command, exitCodes } from '../command.ts'
import { jsonText } from '../json-text.ts'
import { ownPackage } from '../own-package.ts'
import { readTextOption } from '../read-text-option.ts'
import { usageError } from '../usage-error.ts'

export const init: Command = {
  name: 'init',
  arguments: '<dir>',
  summary: 'Makes a minimal project: one event, one producer, one projection, one test.',
  options: {
    name: {
      type: 'string',
      value: '<name>',
      description: 'Name of the app, lower case words joined by hyphens (default: the name of the folder).',
    },
    millrace: {
      type: 'string',
      value: '<spec>',
      description: 'What package.json asks for: a version, or file:<tarball> (default: this version).',
    },
  },
  run: async (invocation) => {
    const { directory, positionals, json, print } = invocation
    const [folder] = positionals
    if (folder === undefined || positionals.length > 1) throw usageError('name one folder: millrace init my-project')
    const target = resolve(directory, folder)
    const name = readName(readTextOption(invocation, 'name') ?? basename(target))
    await refuseNonEmpty(target, folder)
    const own = await ownPackage()
    const values = {
      name,
      millrace: readTextOption(invocation, 'millrace') ?? `^${own.version}`,
      prismaVersion: own.dependencies['@prisma/client'] ?? '',
      // What `prisma migrate` runs on in development; a deployment does without.
      schemaEngineVersion: own.devDependencies['@prisma/schema-engine-wasm'] ?? '',
    }
    const written = await writeTemplate(join(own.directory, 'templates/minimal'), target, values)
    const schemas = join(target, 'schemas')
    await writeGenerated(generateTypes(await loadSchemas(schemas)), join(schemas, 'generated'))
    if (json) print(jsonText({ directory: target, ...values, files: written.length }))
    else print(nextLines(folder, name))
    return exitCodes.done
  },
}

/** The same rule as for the setting `app`, and short enough for a database name and an npm package. */
function readName(name: string): string {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 60) return name
  throw usageError(`'${name}' is no name for an app: give one with --name, lower case words joined by hyphens`)
}

async function refuseNonEmpty(target: string, folder: string): Promise<void> {
  const found = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw usageError(`${folder} cannot be used: ${error.message}`)
  })
  if (found.length > 0) throw usageError(`${folder} is not empty, and nothing in it is overwritten: name a new folder`)
}

async function writeTemplate(
  template: string,
  target: string,
  values: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const entries = await readdir(template, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.length + 1))
  for (const path of paths) {
    const text = await readFile(join(template, path), 'utf8')
    const file = join(target, ownName(path))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(
      file,
      text.replaceAll(/\{\{(\w+)\}\}/g, (mark, name: string) => values[name] ?? mark),
    )
  }
  return paths
}

/** `gitignore.template` is `.gitignore`, `package.json.template` is `package.json`. */
function ownName(path: string): string {
  const name = basename(path)
  if (!name.endsWith('.template')) return path
  const plain = name.slice(0, -'.template'.length)
  return join(dirname(path), plain === 'gitignore' ? `.${plain}` : plain)
}

function nextLines(folder: string, name: string): string {
  return [
    `${name} is in ${folder}. Next:`,
    '',
    `  cd ${folder}`,
    '  npm install',
    '  npm test     # the projection, tested without a broker',
    '  npm start    # everything on this machine; prints lines to try',
  ].join('\n')
}
