import type { Kind } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { compileTable } from './capability-table.js'
import { Decider } from './decider.js'
import {
  actionNamed,
  actionsOf,
  defineKinds,
  type KindDefinition,
  kindNamed,
  kindsOf,
  noCustomKinds,
} from './kind-catalogue.js'
import { customActionsMax, customKindsMax } from './limits.js'
import { origin } from './small-worlds.test.support.js'

const contact: KindDefinition = { name: 'crm-contact', grammar: 'name', actions: ['find', 'update'] }
const numbered = (count: number) => Array.from({ length: count }, (_, n) => `n${n}`)

describe('defineKinds', () => {
  it('registers kinds beside the built-in ones, in order', () => {
    const kinds = defineKinds([contact, { name: 'a', grammar: 'exact', actions: ['b'] }])
    expect(kindsOf(kinds).slice(-3)).toEqual(['process', 'crm-contact', 'a'])
    expect(kindsOf(noCustomKinds)).toHaveLength(6)
    const kind = kindNamed('crm-contact', kinds)
    if (kind === undefined) throw new Error('the kind is not there')
    expect(actionsOf(kind, kinds)).toEqual(['find', 'update'])
    expect(actionsOf(kind, noCustomKinds)).toEqual([])
    expect(actionNamed(kind, 'update', kinds)).toBe('update')
    expect(actionNamed(kind, 'delete', kinds)).toBeUndefined()
    expect(kindNamed('storage', kinds)).toBe('storage')
    expect(kindNamed('crm-contact', noCustomKinds)).toBeUndefined()
    expect(kindNamed('toString', kinds)).toBeUndefined()
  })

  it.each([
    [{ ...contact, name: 'Contact' }, '`Contact` cannot be the name of a kind'],
    [{ ...contact, name: '__proto__' }, '`__proto__` cannot be the name of a kind'],
    [{ ...contact, name: '' }, '`` cannot be the name of a kind'],
    [{ ...contact, name: 'a'.repeat(64) }, 'cannot be the name of a kind'],
    [{ ...contact, name: 'storage' }, '`storage` is a built-in kind'],
    [{ ...contact, grammar: 'regex' as 'name' }, 'the kind `crm-contact` has no known grammar, but `regex`'],
    [{ ...contact, actions: [] }, 'the kind `crm-contact` has 0 actions'],
    [{ ...contact, actions: numbered(customActionsMax + 1) }, 'the kind `crm-contact` has 17 actions'],
    [{ ...contact, actions: ['find', 'Find'] }, '`Find` cannot be an action of `crm-contact`'],
    [{ ...contact, actions: ['find', 'find'] }, 'the action `crm-contact.find` is defined twice'],
  ])('refuses %j', (definition, message) => {
    expect(() => defineKinds([definition])).toThrow(message)
  })

  it('refuses a name that is there twice, and more kinds than its bound', () => {
    expect(() => defineKinds([contact, contact])).toThrow('the kind `crm-contact` is defined twice')
    const kinds = (count: number) => defineKinds(numbered(count).map((name) => ({ ...contact, name })))
    expect(kinds(customKindsMax).size).toBe(customKindsMax)
    expect(() => kinds(customKindsMax + 1)).toThrow('65 custom kinds are too many')
  })

  it('keeps every action of a full kind apart', () => {
    const kinds = defineKinds([{ ...contact, actions: numbered(customActionsMax) }])
    const [kind] = [...kinds.values()]
    if (kind === undefined) throw new Error('the kind is not there')
    const last = kind.actions[customActionsMax - 1]
    if (last === undefined) throw new Error('the action is not there')
    const grants = [{ kind: kind.name, action: last, pattern: '*', origin }]
    const layers = [{ layer: 'manifest', grants }] as const
    const spec = { version: 1, componentId: 'x', forbidden: [], deny: [], operator: [], layers, kinds }
    const decider = new Decider(structuredClone(compileTable(spec)))
    const granted = kind.actions.filter(
      (action) => decider.decide({ kind: kind.name, action, resource: 'anyone' }).verdict === 'granted',
    )
    expect(granted).toEqual([last])
  })

  it('has no rules for a kind that the table does not know', () => {
    const grants = [{ kind: 'crm-contact' as Kind, action: 'read', pattern: '*', origin }] as const
    const layers = [{ layer: 'manifest', grants }] as const
    const spec = { version: 1, componentId: 'x', forbidden: [], deny: [], operator: [], layers }
    expect(() => compileTable(spec)).toThrow('`crm-contact` is not a kind')
  })
})
