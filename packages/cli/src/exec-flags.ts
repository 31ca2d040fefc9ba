import { resolve } from 'node:path'
import { BulkheadError, parseBytes, parseDuration } from '@bulkhead/vocabulary'
import type { ExecOptions, MountOption } from 'bulkhead'

/** The flags of `exec` as commander hands them over. */
export type ExecFlags = {
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly mount: readonly string[]
  readonly env: readonly string[]
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly net: readonly string[]
  readonly policy?: string
  readonly manifest?: string
  readonly deadline?: string
  readonly memory?: string
  readonly learn?: string
  readonly state?: string
  readonly force?: boolean
  readonly strict?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

export type Grants = Pick<
  ExecOptions,
  'mounts' | 'mountOnly' | 'env' | 'allow' | 'deny' | 'manifest' | 'policy' | 'deadline' | 'memory'
>
type Environment = Readonly<Record<string, string | undefined>>
type Mounts = Map<string, { readonly host: string; readonly mode: 'read' | 'write' }>

/**
 * Turns the flags of `exec` into what the run is granted. Nothing is accepted and then ignored.
 *
 * @throws {BulkheadError} `usage` for a flag that cannot be understood.
 */
export function grantsOf(flags: ExecFlags, directory: string, environment: Environment): Grants {
  const mounts: Mounts = new Map()
  for (const text of flags.read) addMount(mounts, '--read', parseHostFirst('--read', text, directory), 'read')
  for (const text of flags.write) addMount(mounts, '--write', parseHostFirst('--write', text, directory), 'write')
  const mountOnly: Mounts = new Map()
  for (const text of flags.mount) {
    const { host, guest, mode } = parseGuestFirst(text, directory)
    if (mounts.has(guest)) throw usage(`\`${guest}\` is mounted twice`, 'give each guest path one mount')
    addMount(mountOnly, '--mount', { host, guest }, mode)
  }
  return {
    mounts: Object.fromEntries(mounts) satisfies Record<string, MountOption>,
    mountOnly: Object.fromEntries(mountOnly) satisfies Record<string, MountOption>,
    env: Object.fromEntries(flags.env.map((text) => parseVariable(text, environment))),
    allow: [...flags.allow, ...flags.net.map(connectGrant)],
    deny: flags.deny,
    ...(flags.manifest === undefined ? {} : { manifest: documentAt(directory, flags.manifest) }),
    ...(flags.policy === undefined ? {} : { policy: documentAt(directory, flags.policy) }),
    ...(flags.deadline === undefined ? {} : { deadline: duration(flags.deadline) }),
    ...(flags.memory === undefined ? {} : { memory: bytes(flags.memory) }),
  }
}

/** `HOST[:PORT]` is a network pattern, of any port where none is written. Who may connect to a name may look it up. */
function connectGrant(text: string): string {
  const [, scheme, rest = ''] = /^(?:(\w+):\/\/)?(.*)$/s.exec(text) ?? []
  if (rest === '')
    throw usage(`--net \`${text}\` is not of the form HOST[:PORT]`, 'for example --net api.example.com:443')
  const hasPort = !/^(?:\[[^\]]*\]|[^:]*)$/.test(rest) || scheme === 'http' || scheme === 'https'
  return `network.connect=${hasPort ? text : `${text}:*`}`
}

/** `HOST[:GUEST]`; without GUEST the guest sees the same absolute path. */
function parseHostFirst(flag: string, text: string, directory: string): { host: string; guest: string } {
  const split = text.lastIndexOf(':/')
  if (split > 0) return { host: resolve(directory, text.slice(0, split)), guest: text.slice(split + 1) }
  if (text === '' || text.includes(':')) {
    throw usage(`${flag} \`${text}\` is not of the form HOST[:GUEST]`, 'GUEST is an absolute path: ./sales:/data')
  }
  const host = resolve(directory, text)
  return { host, guest: host }
}

/** `GUEST=HOST[:ro]`. */
function parseGuestFirst(text: string, directory: string): { host: string; guest: string; mode: 'read' | 'write' } {
  const split = text.indexOf('=')
  const readOnly = text.endsWith(':ro')
  const host = text.slice(split + 1, readOnly ? -3 : undefined)
  if (split < 1 || host === '') {
    throw usage(`--mount \`${text}\` is not of the form GUEST=HOST[:ro]`, 'for example --mount /data=./sales:ro')
  }
  return { host: resolve(directory, host), guest: text.slice(0, split), mode: readOnly ? 'read' : 'write' }
}

function addMount(
  mounts: Mounts,
  flag: string,
  { host, guest }: { host: string; guest: string },
  mode: 'read' | 'write',
): void {
  if (!guest.startsWith('/')) throw usage(`${flag}: \`${guest}\` is not an absolute guest path`, 'start it with `/`')
  const present = mounts.get(guest)
  if (present !== undefined && present.host !== host) {
    throw usage(`\`${guest}\` is mounted twice`, 'give each guest path one host path')
  }
  mounts.set(guest, { host, mode: present?.mode === 'write' ? 'write' : mode })
}

/** `K=V`, or `K` with its value from the caller's environment. */
function parseVariable(text: string, environment: Environment): readonly [string, string] {
  const split = text.indexOf('=')
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)]
  const value = environment[text]
  if (split === 0 || text === '') throw usage(`--env \`${text}\` has no name`, 'write --env NAME=VALUE, or --env NAME')
  if (value === undefined) {
    throw usage(`--env \`${text}\`: there is no such variable here`, `write --env ${text}=VALUE`)
  }
  return [text, value]
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw usage(`--deadline \`${text}\` is not a duration`, 'a whole number and ms, s, m or h: 2s')
  return ms
}

function bytes(text: string): number {
  const parsed = parseBytes(text)
  if (parsed === undefined)
    throw usage(`--memory \`${text}\` is not a size`, 'a whole number and KiB, MiB or GiB: 64MiB')
  return parsed
}

function usage(message: string, hint: string): BulkheadError {
  return new BulkheadError('usage', message, { hint })
}

/** Findings and hints name a document by this path: as the caller wrote it, where this process stands where the caller does. */
function documentAt(directory: string, path: string): string {
  return directory === process.cwd() ? path : resolve(directory, path)
}
