import type { Authority } from '../authority.js'
import type { InterfaceImplementation } from '../link.js'

type EnvironmentPowers = {
  readonly authority: Authority
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
}

/** `wasi:cli/environment`. Each variable is decided by itself; a denied one is as if it were not set. */
export function cliEnvironment({ authority, args, environment }: EnvironmentPowers): InterfaceImplementation {
  return {
    name: 'wasi:cli/environment',
    functions: {
      'get-environment': () =>
        environment
          .filter(([name]) => authority.authorize({ kind: 'environment', action: 'read', resource: name }))
          .map(([name, value]) => [name, value]),
      'get-arguments': () => [...args],
      'initial-cwd': () => '/',
    },
  }
}
