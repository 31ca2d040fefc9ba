import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../end-to-end/command.js'

/** A fenced block of a guide. */
export type Block = {
  /** What stands behind the fence: `console`, `toml`, …; empty for what is only to be looked at. */
  readonly language: string
  readonly text: string
  /** `docs/policies.md:12`: where its first line stands. */
  readonly place: string
}

/** The blocks of a document, in its order. @param document its path below the root of the repository */
export function blocksOf(document: string): readonly Block[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n')
  const blocks: Block[] = []
  let opened: { readonly language: string; readonly at: number } | undefined
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('```')) continue
    if (opened === undefined) {
      opened = { language: line.slice(3).trim(), at: index + 1 }
      continue
    }
    const { language, at } = opened
    blocks.push({ language, text: lines.slice(at, index).join('\n'), place: `${document}:${at + 1}` })
    opened = undefined
  }
  if (opened !== undefined) throw new Error(`${document}:${opened.at}: the block is never closed`)
  return blocks
}

/** The file that a block is, by the comment in its first line: `# trust.toml`, `// watch.mjs`. */
export function fileNameOf({ text }: Block): string | undefined {
  return /^(?:#|\/\/) ([\w./-]+)$/.exec(text.split('\n')[0] ?? '')?.[1]
}

export type Command = {
  /** As a shell takes it. */
  readonly line: string
  readonly expected: readonly string[]
  readonly exitCode: number
  readonly place: string
}

/**
 * The commands of a `console` block: a line that starts with `$ ` is a command, which a `\` at its end continues; what
 * follows is what it prints, and a last line `[exit 3]` is how it ends when it does not end with 0.
 */
export function commandsOf({ text, place }: Block): readonly Command[] {
  const [document = '', first = '0'] = place.split(/:(?=\d+$)/)
  const commands: { line: string; expected: string[]; exitCode: number; place: string }[] = []
  let continues = false
  for (const [index, line] of text.split('\n').entries()) {
    const last = commands.at(-1)
    const exit = /^\[exit (\d+)\]$/.exec(line)?.[1]
    if (continues && last !== undefined) last.line += `\n${line}`
    else if (line.startsWith('$ ')) {
      commands.push({ line: line.slice(2), expected: [], exitCode: 0, place: `${document}:${Number(first) + index}` })
    } else if (last === undefined) throw new Error(`${place}: the block does not begin with a command`)
    else if (exit !== undefined) last.exitCode = Number(exit)
    else last.expected.push(line)
    continues = (continues || line.startsWith('$ ')) && line.endsWith('\\')
  }
  return commands
}
