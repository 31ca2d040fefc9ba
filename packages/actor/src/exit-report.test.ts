import { expect, test } from 'vitest'
import { type ExitEvidence, reportExit } from './exit-report.js'

const usage = { wallMs: 1, cpuMs: 1, memoryPeak: 65536, checksGranted: 0, checksDenied: 0 }
const nothing: ExitEvidence = {
  act: undefined,
  hostility: undefined,
  outcome: undefined,
  workerError: undefined,
  corruption: undefined,
  usage,
  stderrTail: '',
}

function unstartable(code: 'mount-exchanged' | 'component-invalid') {
  return { kind: 'unstartable', error: { family: 'error', code, message: 'it cannot begin', details: {} } } as const
}

test.each([
  ['returned ok', { outcome: { kind: 'returned', ok: true } }, 'normal', 0],
  ['returned err', { outcome: { kind: 'returned', ok: false } }, 'crash', 1],
  ['exit code 33', { outcome: { kind: 'exited', code: 33 } }, 'crash', 33],
  ['exit code 0', { outcome: { kind: 'exited', code: 0 } }, 'normal', 0],
  ['a trap', { outcome: { kind: 'trapped', message: 'unreachable', frames: [] } }, 'crash', 134],
  ['a deadline', { act: { kind: 'deadline', deadlineMs: 200 } }, 'resource', 124],
  ['a share overused', { act: { kind: 'cpu', sharePercent: 20, usedPercent: 99 } }, 'resource', 137],
  ['a revocation', { act: { kind: 'revoked', policyVersion: 2, graceMs: 100 } }, 'host', 137],
  ['a stop', { act: { kind: 'stop' }, outcome: { kind: 'stopped' } }, 'shutdown', 137],
  ['a mount that was exchanged', { outcome: unstartable('mount-exchanged') }, 'host', 1],
  ['a guest that cannot begin', { outcome: unstartable('component-invalid') }, 'crash', 1],
  ['a silent death', {}, 'crash', 134],
  ['an exhausted heap', { workerError: heapError() }, 'resource', 137],
] as const)('%s', (_name, evidence, faultClass, commandExitCode) => {
  expect(reportExit({ ...nothing, ...evidence })).toMatchObject({ class: faultClass, commandExitCode })
})

test('hostility in the ledger outweighs a worker that says that all is well', () => {
  const report = reportExit({ ...nothing, hostility: 'forged-handle', outcome: { kind: 'returned', ok: true } })
  expect(report).toMatchObject({ class: 'security', hostility: 'forged-handle', commandExitCode: 137 })
})

test('a lane that does not decode outweighs what the host did', () => {
  const report = reportExit({ ...nothing, corruption: 'impossible length', act: { kind: 'stop' } })
  expect(report).toMatchObject({ class: 'security', hostility: 'injection' })
})

test('what the host did outweighs what the worker says', () => {
  const report = reportExit({
    ...nothing,
    act: { kind: 'deadline', deadlineMs: 2000 },
    outcome: { kind: 'returned', ok: true },
  })
  expect(report).toMatchObject({ class: 'resource', reason: 'deadline of 2 s passed' })
})

test('a trap carries the end of stderr and its frames', () => {
  const report = reportExit({
    ...nothing,
    stderrTail: 'panicked at src/main.rs:3',
    outcome: { kind: 'trapped', message: 'wasm trap: unreachable', frames: ['explode (wasm-function[3] 0x4f)'] },
  })
  expect(report.reason).toBe('trap: unreachable in explode (wasm-function[3] 0x4f)')
  expect(report.error).toMatchObject({
    code: 'guest-trap',
    details: { stderrTail: 'panicked at src/main.rs:3', frames: ['explode (wasm-function[3] 0x4f)'] },
  })
})

function heapError(): Error & { code: string } {
  return Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })
}
