import type { FaultClass, Hostility } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { Walls } from './ladder.js'
import { freshAccounts } from './ladder-accounts.js'
import { type Scenario, scenarios } from './ladder-scenarios.test.support.js'
import { ladderTiming } from './ladder-timing.js'
import { type Plan, planAfterExit } from './plan-after-exit.js'

const hostilities: readonly string[] = ['forged-handle', 'type-violation', 'digest-mismatch', 'injection']

function told(plan: Plan): string {
  if (plan.kind === 'climb') return `climb ${plan.to}`
  if (plan.kind === 'quarantine') return `quarantine ${plan.cause}`
  return { restart: 'restart', complete: 'completed', stop: 'stopped', fail: 'failed', escalate: 'escalate' }[plan.kind]
}

function outcomes({ restart = 'permanent', trust = 'unknown', walls, steps }: Scenario): string[] {
  const spec = {
    restart,
    trust,
    intensity: { restarts: 3, withinMs: 60_000 },
    walls: new Set(walls === 'none' ? [] : ['bubblewrap']) as Walls,
    timing: ladderTiming(),
  }
  let accounts = freshAccounts
  let nowMs = 1_000
  return steps.map(({ fault, afterMs }) => {
    nowMs += afterMs
    const exit = hostilities.includes(fault)
      ? { class: 'security' as const, hostility: fault as Hostility, reason: fault, healthyMs: afterMs }
      : { class: fault as FaultClass, reason: fault, healthyMs: afterMs }
    const planned = planAfterExit(accounts, exit, spec, nowMs, () => 0.5)
    accounts = planned.accounts
    if (planned.plan.kind === 'restart') nowMs += planned.plan.delayMs
    return told(planned.plan)
  })
}

it.each(scenarios)('$name', (scenario) => {
  expect(outcomes(scenario)).toEqual(scenario.steps.map(({ then }) => then))
})
