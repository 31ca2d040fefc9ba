import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

/** Verifies the audit log, then a copy of it in which one byte was flipped: the first must hold, the second must not. */
export async function prove({ bulkhead, root, stateDirectory }) {
  const copy = mkdtempSync(join(tmpdir(), 'bulkhead-tour-'))
  try {
    const intact = verify(bulkhead, root, stateDirectory)
    cpSync(join(stateDirectory, 'audit'), copy, { recursive: true })
    const flipped = flipOneByte(copy)
    const tampered = verify(bulkhead, root, copy)
    const found = tampered.answer.problems?.find(({ file, line }) => file === flipped.file && line === flipped.line)
    return {
      holds:
        intact.exitCode === 0 && intact.answer.status === 'intact' && tampered.exitCode === 1 && found !== undefined,
      lines: [
        `bulkhead audit verify ${relative(root, stateDirectory)}`,
        `  ${intact.answer.status}: ${intact.answer.records} records, each in the hash chain and under a seal`,
        `one bit of a copy is flipped: ${flipped.file}, line ${flipped.line}, byte ${flipped.byte}`,
        'bulkhead audit verify COPY',
        found === undefined
          ? `  ${tampered.answer.status}, and not where the byte was flipped`
          : `  ${tampered.answer.status}: ${found.file}:${found.line}: record ${found.seq}: ${found.message}`,
      ],
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function verify(bulkhead, root, directory) {
  const args = [bulkhead, 'audit', 'verify', directory, '--json']
  const done = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (done.stdout === '') throw new Error(`audit verify failed: ${done.stderr}`)
  return { exitCode: done.status, answer: JSON.parse(done.stdout) }
}

/** One byte of the text of a record somewhere in the middle of the newest file. */
function flipOneByte(directory) {
  const file = readdirSync(directory)
    .filter((name) => /^audit-\d+\.jsonl$/.test(name))
    .sort()
    .at(-1)
  const bytes = readFileSync(join(directory, file))
  const lines = bytes.toString('latin1').split('\n').slice(0, -1)
  const index = randomInt(Math.floor(lines.length / 4), Math.max(1, Math.floor((lines.length * 3) / 4)))
  const start = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0)
  const offset = randomInt(lines[index].length)
  bytes[start + offset] ^= 1
  writeFileSync(join(directory, file), bytes)
  return { file, line: index + 1, byte: offset + 1 }
}
