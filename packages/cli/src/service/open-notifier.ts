// Perimeter: the process manager that started this process, where there is one. Node speaks no datagrams over Unix sockets,
// so that systemd's own program for scripts does.

import { execFile } from 'node:child_process'
import { deliveryMsMax } from '../limits.js'
import type { Terminal } from '../terminal.js'
import { Notifier } from './notifier.js'

/** @returns `undefined` where nobody wants to be told */
export function openNotifier({ environment, stderr }: Pick<Terminal, 'environment' | 'stderr'>): Notifier | undefined {
  const socket = environment['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') return undefined
  return new Notifier({
    deliver: (assignments) => deliver(assignments, socket, environment['PATH']),
    monotonicUs: () => process.hrtime.bigint() / 1000n,
    every: (ms, act) => {
      const timer = setInterval(act, ms).unref()
      return () => clearInterval(timer)
    },
    onFailure: (reason) => {
      stderr.write(
        `${stderr.paint('yellow', 'warning:')} the service manager at NOTIFY_SOCKET is not told: ${reason}\n`,
      )
    },
  })
}

/** The program gets the socket and its search path, and nothing else of this process. */
function deliver(assignments: readonly string[], socket: string, path: string | undefined): Promise<void> {
  const env = { NOTIFY_SOCKET: socket, ...(path === undefined ? {} : { PATH: path }) }
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', [...assignments], { env, timeout: deliveryMsMax }, (error, _out, said) => {
      if (error === null) resolve()
      else if (error.code === 'ENOENT') reject(new Error('there is no program `systemd-notify`'))
      else reject(new Error(`\`systemd-notify\` failed: ${said.trim() || error.message}`))
    })
  })
}
