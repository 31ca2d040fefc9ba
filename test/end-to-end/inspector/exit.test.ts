import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../command.js'

const program = `
import { createRuntime } from 'bulkhead'
import { openInspector } from '@bulkhead/inspector'
const runtime = await createRuntime()
const inspector = await openInspector(runtime, { listen: '127.0.0.1:0' })
const stream = await fetch(new URL('/events', inspector.url))
const samples = await fetch(new URL('/livez', inspector.url))
await samples.text()
const text = stream.text().catch(() => '')
await inspector.close()
await text
await runtime.stop()
console.log('closed')
`

it('keeps no process alive once it is closed', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let told = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    told += chunk
  })
  // It ends by itself, because nothing is left to wait for: nobody ends it.
  const [code] = await once(child, 'close')
  expect([code, told]).toEqual([0, 'closed\n'])
})
