import type { ChildRun } from '@bulkhead/supervisors'
import { describe, expect, it } from 'vitest'
import { deferredRun, type Verdict } from './deferred-run.js'

const usage = { wallMs: 1, cpuMs: 1, memoryPeak: 1, checksGranted: 0, checksDenied: 0 }
const report = { class: 'normal', reason: 'exit code 0', commandExitCode: 0, usage } as const

const hostFault = (thrown: unknown): Verdict => ({ class: 'host', reason: (thrown as Error).message })

/** A run that ends when it is asked to. */
function someRun(): ChildRun {
  let end = (): void => {}
  const exited = new Promise<typeof report>((resolve) => {
    end = () => resolve(report)
  })
  const kill = async (): Promise<'exited'> => {
    end()
    return 'exited'
  }
  return { ready: Promise.resolve(), exited, stop: () => end(), kill }
}

describe('a run that begins later', () => {
  it('is the run that was begun, once it is', async () => {
    const run = deferredRun(async () => 7, someRun, hostFault)
    await run.ready
    run.stop()
    expect(await run.exited).toBe(report)
    const killed = deferredRun(async () => 7, someRun, hostFault)
    await killed.ready
    expect(await killed.kill()).toBe('exited')
    expect(await killed.exited).toBe(report)
  })

  it.each(['stop', 'kill'] as const)('never begins after a %s', async (how) => {
    let begun = 0
    let isReady = (): void => {}
    const needs = new Promise<void>((resolve) => {
      isReady = resolve
    })
    const run = deferredRun(
      () => needs,
      () => {
        begun++
        return someRun()
      },
      hostFault,
    )
    await run[how]()
    expect(await run.exited).toMatchObject({ class: 'shutdown' })
    isReady()
    await needs
    await new Promise((resolve) => setImmediate(resolve))
    expect(begun).toBe(0)
  })

  it('ends with what it is put down to when it cannot begin', async () => {
    const broken = (): never => {
      throw new Error('no place')
    }
    const run = deferredRun(
      async () => 7,
      broken,
      () => ({ class: 'security', reason: 'x', hostility: 'digest-mismatch' }),
    )
    expect(await run.exited).toMatchObject({ class: 'security', hostility: 'digest-mismatch', commandExitCode: 1 })
  })

  it('ends with a fault of the host when what it needs cannot be had', async () => {
    const run = deferredRun(async () => Promise.reject(new Error('no memory')), someRun, hostFault)
    expect(await run.exited).toMatchObject({ class: 'host', reason: 'no memory', commandExitCode: 1 })
    run.stop()
    expect(await run.kill()).toBe('exited')
  })
})
