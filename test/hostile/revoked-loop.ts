// What a revocation is held to on every rung.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type actorLab, updateOf } from '../support/actor-lab.mjs'
import { command, loopOf } from '../support/file-operator.mjs'

export const all = ['read /data/**', 'write /data/**', 'create /data/**', 'delete /data/**']
export const reading = ['read /data/**']

/** Instead of the 100 ms that a runtime gives: a busy machine must not stop a guest that would have left. */
export const patienceMs = 20_000

/** Looks until it is so; what never becomes so fails by the deadline of the test. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2)
}

/** Two guests loop over host calls; one is revoked in the middle, and the one beside it goes on. */
export async function revokeOneOfTwoLoops(lab: Awaited<ReturnType<typeof actorLab>>, host: string): Promise<void> {
  const [revoked, beside] = [await lab.operator({ allow: all, host }), await lab.operator({ allow: all, host })]
  const appending = (name: string) =>
    command.loop(
      [command.open(name, 0, { write: true, create: true, append: true }), command.write(0, 'x'), command.close(0)],
      { rounds: 1e9, milliseconds: 1_500 },
    )
  const loops = Promise.all([
    revoked.session.send([appending('data/revoked')], 1),
    beside.session.send([appending('data/beside')], 1),
  ])
  await until(() => ['revoked', 'beside'].every((name) => existsSync(join(host, name))))
  revoked.actor.replaceContext(updateOf({ allow: reading, host, version: 2 }))
  expect(await revoked.actor.settleOn(2, patienceMs)).toBe('left')
  const [size, sizeBeside] = [statSync(join(host, 'revoked')).size, statSync(join(host, 'beside')).size]
  const [[answer], [answerBeside]] = await loops
  expect(statSync(join(host, 'revoked')).size).toBe(size)
  expect(statSync(join(host, 'beside')).size).toBeGreaterThan(sizeBeside)
  expect(loopOf(answer).succeeded).toBeLessThan(loopOf(answer).rounds)
  expect(loopOf(answerBeside).succeeded).toBe(loopOf(answerBeside).rounds)
  await Promise.all([revoked.session.end(), beside.session.end()])
}
