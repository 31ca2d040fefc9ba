import type { Authority } from '../authority.js'
import type { InterfaceImplementation } from '../link.js'

type Pairs = readonly (readonly [name: string, value: string])[]

type ConfigPowers = { readonly authority: Authority; readonly configuration: Pairs; readonly secrets: Pairs }

/**
 * `wasi:config/store`, and `runtime` as its older draft was called. Values and secrets are read by name, each decided as
 * `environment.read`; a denied one is as if it were not set. A list never holds a secret: programs print lists.
 */
export function configInterfaces({ authority, configuration, secrets }: ConfigPowers): InterfaceImplementation[] {
  const values = new Map([...configuration, ...secrets])
  const mayRead = (name: string): boolean =>
    authority.authorize({ kind: 'environment', action: 'read', resource: name })
  const functions = {
    get: (name: string) => (values.has(name) && mayRead(name) ? values.get(name) : undefined),
    'get-all': () => configuration.filter(([name]) => mayRead(name)).map(([name, value]) => [name, value]),
  }
  return [
    { name: 'wasi:config/store', functions },
    { name: 'wasi:config/runtime', functions },
  ]
}
