import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/live.mjs', import.meta.url))

it('npm run live shows a tree that misbehaves, until it is told to stop', async () => {
  const child = spawn(process.execPath, [script, '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const url = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output)
      if (found !== null) resolve(found[0])
    })
  })
  const exit = once(child, 'close')
  const health = await (await fetch(`${await url}/healthz`)).json()
  expect(health).toMatchObject({ live: true })
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
}, 60_000)
