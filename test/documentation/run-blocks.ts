import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../end-to-end/command.js'
import { type Block, blocksOf, commandsOf, fileNameOf } from './blocks.js'
import { Console } from './console.js'
import { readAs } from './read-as.js'

/**
 * Runs a guide from top to bottom in a folder, as a reader would who tries everything:
 *
 * - `console`: each command is typed; it must print what stands below it (`expected-output.ts` says how exactly).
 * - a block whose first line is a comment with a file name is that file: where the folder has one, the block must be a part
 *   of it; else it is written. Documents must be valid, programs must pass the type checker.
 * - a block without a language, of `json`, or a picture (`mermaid`) is only to be looked at.
 *
 * @param document path below the root of the repository
 * @param folder a fresh copy of the example
 */
export async function runBlocks(document: string, folder: string): Promise<void> {
  const terminal = new Console(folder)
  try {
    for (const block of blocksOf(document).filter(isRun)) {
      if (block.language === 'console') for (const command of commandsOf(block)) await terminal.type(command)
      else await takeFile(block, folder)
    }
  } finally {
    await terminal.close()
  }
}

const lookedAt: ReadonlySet<string> = new Set(['', 'json', 'mermaid'])
const files: ReadonlySet<string> = new Set(['toml', 'yaml', 'csv', 'js'])

/** @throws {Error} for a language that nothing here runs: a typing error would leave a block untried. */
export function isRun({ language, place }: Block): boolean {
  if (lookedAt.has(language)) return false
  if (language === 'console' || files.has(language)) return true
  throw new Error(`${place}: nothing here runs \`${language}\``)
}

async function takeFile(block: Block, folder: string): Promise<void> {
  const name = fileNameOf(block)
  if (name === undefined) throw new Error(`${block.place}: the first line does not name a file`)
  const path = join(folder, name)
  const text = `${block.text}\n`
  if (existsSync(path)) {
    const found = readFileSync(path, 'utf8')
    const part = text.slice(text.indexOf('\n') + 1)
    if (!found.includes(part)) throw new Error(`${block.place}: this is no part of ${name}`)
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  if (block.language === 'js') await checkTypes(name, folder, block.place)
  else readAs(name, readFileSync(path, 'utf8'))
}

async function checkTypes(name: string, folder: string, place: string): Promise<void> {
  const flags = '--noEmit --allowJs --checkJs --strict --skipLibCheck --types node --target es2022 --module nodenext'
  const compiler = join(root, 'node_modules/.bin/tsc')
  await promisify(execFile)(compiler, [...flags.split(' '), name], { cwd: folder }).catch((failed: unknown) => {
    throw new Error(`${place}: ${(failed as { stdout?: string }).stdout ?? String(failed)}`)
  })
}
