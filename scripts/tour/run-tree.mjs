import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * Runs `bulkhead run TREE --log json` and hands on each record as it comes. Signals reach the child as well: it drains,
 * and so does the tour.
 */
export async function runTree({ bulkhead, tree, root, onRecord }) {
  const child = spawn(process.execPath, [bulkhead, 'run', tree, '--log', 'json'], {
    cwd: root,
    // A secret of the host, which one of the children will look for.
    env: { ...process.env, PAYROLL_TOKEN: 'tr-5f1d9c' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pass = (signal) => () => child.kill(signal)
  const handlers = ['SIGINT', 'SIGTERM'].map((signal) => [signal, pass(signal)])
  for (const [signal, handler] of handlers) process.on(signal, handler)

  const exited = new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  let end
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line)
    if (record.record === 'end') end = record
    onRecord(record)
  }
  const exitCode = await exited
  for (const [signal, handler] of handlers) process.off(signal, handler)
  return { exitCode, stderr, end }
}
