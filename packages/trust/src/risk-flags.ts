import { type HostRule, parseHostPattern } from '@bulkhead/capability'
import type { ApprovalMount, ApprovalSubject, Ask } from './approval-subject.js'
import { askText } from './capability-words.js'
import { named, shown } from './component-words.js'
import { reachesSpecialAddress } from './special-addresses.js'

/** What deserves a second look. A closed list. */
export const riskNames = [
  'broad-write',
  'deletion',
  'write-and-execute',
  'any-host',
  'wildcard-domain',
  'look-alike',
  'special-address',
  'address-block',
  'listens',
  'starts-programs',
  'other-name-space',
  'root-mount',
  'secret-variable',
] as const
export type RiskName = (typeof riskNames)[number]

/** `about` is what raised the flag, escaped; `words` is why it matters. */
export type RiskFlag = { readonly flag: RiskName; readonly about: string; readonly words: string }

const SECRET =
  /secret|token|passw|passphrase|credential|private|apikey|(?:^|_)(?:api|access|auth|session|cookie|key)(?:_|$)/i

/** What of a request deserves a second look. A flag refuses nothing. */
export function riskFlags(subject: ApprovalSubject): readonly RiskFlag[] {
  return [
    ...subject.capabilities.flatMap((ask) => flagsOfAsk(ask, subject.componentId)),
    ...writeAndExecute(subject.capabilities),
    ...subject.mounts.flatMap(flagsOfMount),
    ...subject.inherited.flatMap(flagsOfVariable),
  ]
}

function flagsOfAsk(ask: Ask, componentId: string): readonly RiskFlag[] {
  switch (ask.kind) {
    case 'filesystem':
      return flagsOfFiles(ask)
    case 'network':
      return flagsOfHost(ask)
    case 'process':
      return [raise('starts-programs', ask, 'a program runs outside every wall that holds the component')]
    case 'storage':
      return isOwnNameSpace(ask.pattern, componentId)
        ? []
        : [raise('other-name-space', ask, 'these keys belong to others, or are shared')]
    default:
      return []
  }
}

function flagsOfFiles(ask: Ask): readonly RiskFlag[] {
  const flags: RiskFlag[] = []
  if (ask.action === 'delete') flags.push(raise('deletion', ask, 'what is deleted is gone'))
  if (ask.action === 'read' || ask.action === 'execute') return flags
  const [, first = '', ...deeper] = ask.pattern.split('/')
  if (/[*?[]/.test(first)) flags.push(raise('broad-write', ask, 'it reaches into every directory of its file system'))
  else if (deeper.length === 1 && deeper[0] === '**') {
    flags.push(raise('broad-write', ask, `it reaches everything below the top-level directory ${named(`/${first}`)}`))
  }
  return flags
}

function flagsOfHost(ask: Ask): readonly RiskFlag[] {
  const flags: RiskFlag[] = []
  const { host } = parseHostPattern(ask.pattern)
  if (ask.action === 'bind') flags.push(raise('listens', ask, 'others can reach it there'))
  if (host.kind === 'any') flags.push(raise('any-host', ask, 'it can send what it knows anywhere'))
  if (host.kind === 'suffix')
    flags.push(raise('wildcard-domain', ask, 'any name below that domain, also ones that do not exist yet'))
  const name = nameOf(host)
  if (name.includes('xn--'))
    flags.push(raise('look-alike', ask, `letters of other alphabets: its name is ${named(name)}`))
  if (host.kind === 'block' && host.prefix < (host.base.kind === 'ipv4' ? 32 : 128)) {
    flags.push(raise('address-block', ask, 'every address of the block'))
  }
  if (reachesSpecialAddress(host)) {
    flags.push(raise('special-address', ask, 'this machine, its network, or a service of the platform'))
  }
  return flags
}

/** As resolvers see it, where letters that look alike are different ones. */
function nameOf(host: HostRule): string {
  if (host.kind === 'name') return host.name
  return host.kind === 'suffix' ? `*${host.suffix}` : ''
}

function isOwnNameSpace(pattern: string, componentId: string): boolean {
  return pattern.startsWith('self:') || pattern.startsWith(`component:${componentId}:`)
}

/** Whoever may write a file and execute files may execute what they wrote. */
function writeAndExecute(asks: readonly Ask[]): readonly RiskFlag[] {
  const files = asks.filter(({ kind }) => kind === 'filesystem')
  const executes = files.find(({ action }) => action === 'execute')
  const writes = files.some(({ action }) => action === 'write' || action === 'create')
  if (executes === undefined || !writes) return []
  return [raise('write-and-execute', executes, 'it may also write files: what it writes could be what it executes')]
}

function flagsOfMount({ guest, host, mode }: ApprovalMount): readonly RiskFlag[] {
  if (host !== '/') return []
  const about = `${shown(guest)} = ${shown(host)} (${mode})`
  return [{ flag: 'root-mount', about, words: 'the whole file system of the host is mounted' }]
}

function flagsOfVariable(name: string): readonly RiskFlag[] {
  if (!SECRET.test(name)) return []
  return [{ flag: 'secret-variable', about: shown(name), words: 'by its name it holds a secret of the host' }]
}

function raise(flag: RiskName, ask: Ask, words: string): RiskFlag {
  return { flag, about: shown(askText(ask)), words }
}
