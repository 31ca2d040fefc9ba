import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { freshDirectory, root } from '../command.js'

const folder = join(root, 'docs/operating')

function hasSystemd(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

if (!hasSystemd()) console.warn('skipped: the unit file; systemd-analyze is needed')

describe('the unit file', () => {
  const unit = readFileSync(join(folder, 'bulkhead.service'), 'utf8')
  const verified = (text: string) => {
    const file = join(freshDirectory(), 'bulkhead.service')
    // It is checked whether the program is there.
    writeFileSync(file, text.replaceAll('/usr/bin/bulkhead', process.execPath))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
    return { status, about: stderr.split('\n').filter((line) => line.includes('bulkhead.service')) }
  }

  it.runIf(hasSystemd())('is one, as systemd says, and a wrong key in it would be told', () => {
    expect(verified(unit)).toEqual({ status: 0, about: [] })
    expect(verified(unit.replace('WatchdogSec=', 'WatchdogSeconds=')).about.join()).toContain('WatchdogSeconds')
  })

  it('has nothing that takes bubblewrap or the compiler away', () => {
    for (const key of ['MemoryDenyWriteExecute', 'RestrictNamespaces', 'ProtectKernelTunables', 'ProtectKernelLogs']) {
      expect(unit).not.toMatch(new RegExp(`^${key}=`, 'm'))
    }
    expect(unit).toMatch(/^NotifyAccess=all$/m)
  })
})

it('the manifests of Kubernetes have one pod for a state directory, and time to drain', () => {
  const documents = parseAllDocuments(readFileSync(join(folder, 'bulkhead.yaml'), 'utf8'))
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const [config, set] = documents.map((document) => document.toJS())
  expect(config.data['bulkhead.toml']).toContain('[children.greeter]')
  expect(set).toMatchObject({ kind: 'StatefulSet', spec: { replicas: 1 } })
  const { containers, terminationGracePeriodSeconds } = set.spec.template.spec
  const drain = containers[0].args[containers[0].args.indexOf('--drain') + 1]
  expect(terminationGracePeriodSeconds).toBeGreaterThan(Number.parseInt(drain, 10))
})
