import { expect, it } from 'vitest'
import { cgroupLimits, overbooked } from './cgroup-limits.js'

const mebibyte = 1024 * 1024

function host(files: Readonly<Record<string, string>>) {
  return (path: string): string => {
    const text = files[path]
    if (text === undefined) throw new Error(`no ${path}`)
    return text
  }
}

it('has the narrowest limit of the groups that the process is in', () => {
  const read = host({
    '/proc/self/cgroup': '0::/system.slice/bulkhead.service\n',
    '/sys/fs/cgroup/system.slice/memory.max': `${512 * mebibyte}\n`,
    '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
    '/sys/fs/cgroup/system.slice/bulkhead.service/memory.max': 'max\n',
    '/sys/fs/cgroup/system.slice/bulkhead.service/cpu.max': '150000 100000\n',
  })
  expect(cgroupLimits(read)).toEqual({ memoryBytes: 512 * mebibyte, cpuPercent: 150 })
})

it('has those of a container, which sees its group as the root', () => {
  const read = host({
    '/proc/self/cgroup': '0::/\n',
    '/sys/fs/cgroup/memory.max': `${64 * mebibyte}\n`,
    '/sys/fs/cgroup/cpu.max': '50000 100000\n',
  })
  expect(cgroupLimits(read)).toEqual({ memoryBytes: 64 * mebibyte, cpuPercent: 50 })
})

it.each([{}, { '/proc/self/cgroup': '4:memory:/old\n' }, { '/sys/fs/cgroup/cpu.max': 'nonsense' }])(
  'has none where none can be read: %j',
  (files) => {
    expect(cgroupLimits(host(files))).toEqual({})
  },
)

it('looks at this very host without an error', () => {
  expect(() => cgroupLimits()).not.toThrow()
})

it('says with numbers what does not fit, and nothing of what does', () => {
  const sum = { memoryBytes: 640 * mebibyte, cpuPercent: 400 }
  expect(overbooked(sum, {})).toBeUndefined()
  expect(overbooked(sum, { memoryBytes: 640 * mebibyte, cpuPercent: 400 })).toBeUndefined()
  expect(overbooked(sum, { memoryBytes: 512 * mebibyte, cpuPercent: 200 })).toBe(
    'warning: more than the control group has: all children may use 640 MiB of memory, and it has 512 MiB; 400 % of a core, and it has 200 %',
  )
})
