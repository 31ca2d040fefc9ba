// A host application with an interface of its own, and a tree of plug-ins that use it.
import {
  DeclaredError,
  defineHostInterface,
  type HostFunction,
  type HostInterface,
  type KindDefinition,
} from 'bulkhead'
import { contactsName, contactsWit } from '../../guests/interfaces/offered.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import type { ChildSpec } from '../authority/world.js'

export const plugIn = guestFile('interfaces-plug-in')
export const kinds: readonly KindDefinition[] = [{ name: 'crm', grammar: 'name', actions: ['find', 'update'] }]

type Contact = {
  readonly name: string
  readonly age: number
  readonly tags: readonly string[]
  readonly mail?: string
}
type Edit =
  | { readonly tag: 'rename'; readonly val: string }
  | { readonly tag: 'forget' }
  | { readonly tag: 'birthday'; readonly val: number }

const ana: Contact = { name: 'customer-ana', age: 30, tags: ['vip'], mail: 'ana@example.com' }
const find = (resource: string) => ({ kind: 'crm', action: 'find', resource })

/** The interface, with these functions instead of its usual ones. */
export function contacts(functions: Readonly<Record<string, Partial<HostFunction>>> = {}): HostInterface {
  const usual: Readonly<Record<string, HostFunction>> = {
    find: { authorize: find, run: (query: string) => [{ ...ana, name: query }] },
    change: {
      authorize: (resource: string) => ({ kind: 'crm', action: 'update', resource }),
      run: (name: string, edit: Edit) => {
        if (name !== ana.name) throw new DeclaredError('not-found')
        return edit.tag === 'birthday' ? { ...ana, age: edit.val } : { ...ana, mail: undefined, name: edit.tag }
      },
    },
    photo: { authorize: find, denied: 'trap', run: () => Uint8Array.of(1, 2, 3) },
    count: { authorize: 'none', run: () => 7n },
    echo: { authorize: 'none', run: (text: string) => text },
  }
  const all = Object.entries(usual).map(([name, fn]) => [name, { ...fn, ...functions[name] }] as const)
  return defineHostInterface(contactsName, { wit: contactsWit, functions: Object.fromEntries(all) })
}

/** A child that runs this JavaScript once, with the functions of the interface in reach. */
export function child(source: string, grants: readonly string[] = [], more: Partial<ChildSpec> = {}): ChildSpec {
  const { lines = [], ...rest } = more
  return {
    component: plugIn,
    grants,
    lines: [`args = ["plug-in", ${JSON.stringify(source)}]`, 'restart = "temporary"', ...lines],
    ...rest,
  }
}

/** What a plug-in says of a call: its value, or the error of the function's type. */
export const told = (call: string): string => `try { print(${call}) } catch (e) { print({ error: e.payload ?? e }) }`
