import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { childMachine } from './child.machine.js'
import { childStates } from './child-state.js'
import { supervisorMachine } from './supervisor.machine.js'

type Scripts = { readonly withPictures: (text: string, machines: readonly AnyStateMachine[]) => string }

// Plain JavaScript beside the sources: a script, and no part of what ships.
const scripts: Scripts = await import(new URL('../scripts/with-pictures.mjs', import.meta.url).href)
const guide = readFileSync(new URL('../../docs/supervision.md', import.meta.url), 'utf8')

it('the pictures of the guide are those of the machines', () => {
  const drawn = scripts.withPictures(guide, [childMachine, supervisorMachine])
  expect(guide === drawn, 'npx tsc -b supervisors && node supervisors/scripts/draw-machines.mjs').toBe(true)
})

it('every state of a child is in its machine, and in the guide', () => {
  expect(Object.keys(childMachine.states).sort()).toEqual([...childStates].sort())
  for (const state of childStates) expect(guide).toContain(`\`${state}\``)
})

it('every event of a supervisor and its children is in the guide', () => {
  const sources = ['child-events.ts', 'supervisor-voice.ts'].map((file) =>
    readFileSync(new URL(file, import.meta.url), 'utf8'),
  )
  const types = new Set(sources.join('').match(/(?<=')(?:child|supervisor|security)\.[a-z-]+(?=')/g))
  expect(types.size).toBeGreaterThan(20)
  for (const type of types) expect(guide, type).toContain(`\`${type}\``)
})
