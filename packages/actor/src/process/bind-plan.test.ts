import { compileTable, type Grant } from '@bulkhead/capability'
import type { ContextMount } from '@bulkhead/security-context'
import { describe, expect, it } from 'vitest'
import { planBinds } from './bind-plan.js'
import { bwrapArguments } from './bwrap-arguments.js'

const mount = (guestPath: string, hostPath: string, mode: ContextMount['mode'] = 'write'): ContextMount => ({
  ...{ guestPath, hostPath, mode, kind: 'directory', device: 1n, inode: 1n, hardlinks: false },
})

/** `read /data/**`, one rule each. */
function contextOf(mounts: readonly ContextMount[], rules: readonly string[], deny: readonly string[] = []) {
  const origin = { document: 'test.toml', line: 1 }
  const grantOf = (text: string) => {
    const [action = '', pattern = ''] = text.split(' ')
    return { kind: 'filesystem', action, pattern, origin } as Grant
  }
  const layers = [{ layer: 'manifest' as const, grants: rules.map(grantOf) }]
  const spec = { version: 1, componentId: 'test', forbidden: [], operator: [], layers, deny: deny.map(grantOf) }
  return { mounts, table: compileTable(spec) }
}

describe('the directories that a process sees', () => {
  it('are those in which something is granted, writable where something may be changed', () => {
    const mounts = [mount('/in', '/srv/in'), mount('/out', '/srv/out'), mount('/none', '/srv/none')]
    const plan = planBinds(contextOf(mounts, ['read /in/**', 'create /out/deep/*']))
    expect(plan.binds).toEqual([
      { hostPath: '/srv/in', mode: 'read' },
      { hostPath: '/srv/out', mode: 'write' },
    ])
    expect(plan.mounts.map(({ guestPath }) => guestPath)).toEqual(['/in', '/out'])
  })

  it('stay read-only where the mount is, and where what was granted is denied', () => {
    const reading = planBinds(contextOf([mount('/a', '/srv/a', 'read')], ['read /a/**', 'write /a/**']))
    expect(reading.binds).toEqual([{ hostPath: '/srv/a', mode: 'read' }])
    const denied = planBinds(contextOf([mount('/a', '/srv/a')], ['read /a/**', 'write /a/**'], ['write /a/**']))
    expect(denied.binds).toEqual([{ hostPath: '/srv/a', mode: 'read' }])
  })

  it('are bound once, with the wider mode, and outer ones first', () => {
    const mounts = [mount('/deep', '/srv/a/b'), mount('/x', '/srv/a', 'read'), mount('/y', '/srv/a')]
    expect(planBinds(contextOf(mounts, ['read /**', 'delete /y/*'])).binds).toEqual([
      { hostPath: '/srv/a', mode: 'write' },
      { hostPath: '/srv/a/b', mode: 'read' },
    ])
  })

  it.each(['/', '/proc', '/proc/self', '/dev', '/sys/kernel', '/bulkhead'])('are never %s', (hostPath) => {
    expect(() => planBinds(contextOf([mount('/a', hostPath)], ['read /a/**']))).toThrow(
      expect.objectContaining({ code: 'platform-unsupported' }),
    )
  })

  it.each(['/process', '/devices', '/system', '/bulkhead-data', '/srv/proc'])('may be %s', (hostPath) => {
    expect(planBinds(contextOf([mount('/a', hostPath)], ['read /a/**'])).binds).toHaveLength(1)
  })
})

describe('the words to bubblewrap', () => {
  it('bind what was granted, hide what lies in it, and close everything behind', () => {
    const words = bwrapArguments({
      binds: [{ hostPath: '/srv/a', mode: 'write' }],
      hidden: [
        { path: '/srv/a/state', kind: 'directory' },
        { path: '/srv/a/token', kind: 'file' },
        { path: '/srv/abc', kind: 'file' },
      ],
      runtime: [{ from: '/host/node', to: '/node' }],
      statusFd: 8,
      filterFd: 10,
      blockFd: undefined,
    }).join(' ')
    const order = [
      '--unshare-all --unshare-user --disable-userns --die-with-parent --new-session',
      '--clearenv --cap-drop ALL',
      '--bind /srv/a /srv/a',
      '--tmpfs /srv/a/state --remount-ro /srv/a/state',
      '--ro-bind /dev/null /srv/a/token',
      '--ro-bind /host/node /node',
      '--proc /proc --remount-ro /proc',
      '--dev-bind /dev/null /dev/null',
      '--remount-ro / ',
      '--json-status-fd 8 --seccomp 10',
    ]
    const places = order.map((part) => words.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(words).not.toContain('/srv/abc')
    expect(words).not.toContain('--block-fd')
  })
})
