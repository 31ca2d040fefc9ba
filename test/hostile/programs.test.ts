import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from '../support/file-operator.mjs'
import { createTestRuntime, guestFile } from '../support/test-runtime.mjs'

// Small programs, each with one habit, as they end in a real actor.

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>
let runtime: Runtime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())

/** Every byte value, in more pieces than one pipe or ring holds. */
const manyBytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255)

describe('a program without habits', () => {
  it('prints and returns', async () => {
    const run = await runtime.exec(guestFile('hello'))
    expect([run.exitCode, run.stdout, run.denied]).toEqual([0, 'hello\n', []])
  })

  it('gets its input and gives its output byte for byte', async () => {
    const run = await runtime.exec(guestFile('echo'), { stdin: manyBytes })
    expect(run.exitCode).toBe(0)
    expect(Buffer.compare(Buffer.from(run.stdoutBytes), Buffer.from(manyBytes))).toBe(0)
  })

  it.each([
    ['a component', 'exit-code', undefined],
    ['a preview1 module', 'file-operator', command.exit(33)],
  ])('exits with exactly its own code: %s', async (_kind, name, stdin) => {
    const run = await runtime.exec(guestFile(name), stdin === undefined ? {} : { stdin: new Uint8Array(stdin) })
    expect([run.exitCode, run.exit.class]).toEqual([33, 'crash'])
  })
})

describe('a program that fails', () => {
  it('is reported with its own words and named frames', async () => {
    const { exit, exitCode, stderr } = await runtime.exec(guestFile('trap'))
    expect(exitCode).toBe(134)
    expect(exit.class).toBe('crash')
    expect(stderr).toBe('about to fail on purpose\n')
    expect(JSON.stringify(exit.error)).toContain('the_failing_function')
    expect(JSON.stringify(exit.error)).toContain('about to fail on purpose')
  })

  it('is killed at its deadline when it loops', async () => {
    const startedMs = performance.now()
    const { exit, exitCode, stdout } = await runtime.exec(guestFile('spin'), { deadline: '300ms' })
    expect([exitCode, exit.class, stdout]).toEqual([124, 'resource', 'spinning\n'])
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })
})

describe('a program that wants more', () => {
  it.each(['1MiB', '4MiB'])('gets the memory it was given and no page more: %s', async (memory) => {
    const { exitCode, stdout } = await runtime.exec(guestFile('memory-hog'), { memory })
    const pages = (Number.parseInt(memory, 10) * 1024 * 1024) / 65_536
    // The module starts with four pages of its own.
    expect([exitCode, stdout]).toEqual([0, `${pages - 4} pages\n`])
  })

  it('is denied the network, and told so', async () => {
    const { exitCode, stdout, denied } = await runtime.exec(guestFile('sockets-connect'))
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/ access-denied\n$/)
    expect(denied.map(({ kind }) => kind)).toContain('network')
  })
})
