// Walks every function that any interface offers: each is in the reference, and each that asks is tried here twice, without
// the rules that it needs and with them.
import fs from 'node:fs'
import path from 'node:path'
import { interfaceContracts } from '@bulkhead/contracts'
import { NetworkService } from '@bulkhead/host-services'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  bytesOf,
  cleanUp,
  type Fd,
  noFollow,
  open,
  type Setup,
  type TestGuest,
  temporaryDirectory,
} from '../guest.test-support.js'
import { openStoreLab, type StoreLab } from '../keyvalue/store.test.support.js'
import type { MessagePowers } from '../messaging/message-powers.js'
import { NetworkGuest } from '../sockets/network.test.support.js'
import { hostFunctions } from './host-functions.js'

// The store is real, and the network where a function needs it to come so far. Where it is not there, what is allowed fails
// in words that are not those of a denial.
let lab: StoreLab
let service: NetworkService
beforeAll(async () => {
  lab = await openStoreLab()
  service = await NetworkService.start()
})
afterAll(async () => {
  await service.close()
  await lab.close()
})
afterEach(cleanUp)

const rows = hostFunctions.flatMap(({ name, groups }) =>
  groups.flatMap((group) => group.functions.map((fn) => ({ id: `${name}#${fn}`, ...group }))),
)

test('every function of every contract stands in the reference once, and nothing else does', () => {
  const offered = [...interfaceContracts.values()].flatMap(({ name, functions }) =>
    functions.map((fn) => `${name}#${fn.name}`),
  )
  expect(rows.map(({ id }) => id).sort()).toEqual(offered.sort())
  expect(hostFunctions.map(({ name }) => name).sort()).toEqual([...interfaceContracts.keys()].sort())
})

test('what asks says what a denial is, and what asks nothing says why', () => {
  for (const { id, asks, because, denied } of rows) {
    expect(asks === 'nothing' ? because : denied, id).toBeTruthy()
    expect(asks === 'nothing' ? denied : because, id).toBeUndefined()
  }
})

/** What it gave, or the payload that it threw. An `Error` is a surprise and fails the test. */
function answer(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown
    return thrown
  }
}

/** One function that asks: how a guest calls it, by what rules it may, and what it is told without them. */
type Try = {
  readonly allow: readonly string[]
  /** Rules that it has in both cases, to come as far as the call. */
  readonly before?: readonly string[]
  readonly act: (guest: TestGuest, host: string) => unknown
  readonly denied: unknown
  readonly hasNetwork?: boolean
  readonly setup?: Omit<Setup, 'allow' | 'mounts'>
}

const accessError = { tag: 'access-denied' }

function inFolder(act: (root: Fd) => unknown): Try['act'] {
  return (guest, host) => {
    fs.writeFileSync(path.join(host, 'f'), 'content')
    fs.mkdirSync(path.join(host, 'sub'))
    fs.symlinkSync('f', path.join(host, 'link'))
    return act(guest.root())
  }
}

const file = (allow: readonly string[], act: (root: Fd) => unknown, before: readonly string[] = []): Try => ({
  allow,
  before,
  act: inFolder(act),
  denied: 'access',
})

type Bucket = Readonly<Record<string, (...args: unknown[]) => unknown>>

function inBucket(draft: string, action: string, act: (bucket: Bucket, guest: TestGuest) => unknown): Try {
  return {
    allow: action.split(' ').map((each) => `storage.${each} self:*`),
    act: (guest) => act(guest.call<Bucket>(`wasi:${draft}/store`, 'open', 'default'), guest),
    denied: accessError,
  }
}

function storeTries(draft: string): Readonly<Record<string, Try>> {
  const batch = (name: string, argument: unknown): ((bucket: Bucket, guest: TestGuest) => unknown) => {
    return (bucket, guest) => guest.call(`wasi:${draft}/batch`, name, bucket, argument)
  }
  const method = (name: string, ...args: unknown[]): ((bucket: Bucket) => unknown) => {
    return (bucket) => bucket[name]?.(...args)
  }
  return {
    [`wasi:${draft}/store#[method]bucket.get`]: inBucket(draft, 'read', method('get', 'k')),
    [`wasi:${draft}/store#[method]bucket.exists`]: inBucket(draft, 'read', method('exists', 'k')),
    [`wasi:${draft}/store#[method]bucket.list-keys`]: inBucket(draft, 'read', method('listKeys', undefined)),
    [`wasi:${draft}/store#[method]bucket.set`]: inBucket(draft, 'write', method('set', 'k', bytesOf('v'))),
    [`wasi:${draft}/store#[method]bucket.delete`]: inBucket(draft, 'delete', method('delete', 'k')),
    [`wasi:${draft}/batch#get-many`]: inBucket(draft, 'read', batch('getMany', ['k'])),
    [`wasi:${draft}/batch#set-many`]: inBucket(draft, 'write', batch('setMany', [['k', bytesOf('v')]])),
    [`wasi:${draft}/batch#delete-many`]: inBucket(draft, 'delete', batch('deleteMany', ['k'])),
    [`wasi:${draft}/atomics#increment`]: inBucket(draft, 'read write', (bucket, guest) =>
      guest.call(`wasi:${draft}/atomics`, 'increment', bucket, 'k', 1n),
    ),
  }
}

const config = (name: string, act: (guest: TestGuest) => unknown, denied: unknown): readonly [string, Try] => [
  name,
  { allow: ['env NAME'], act, denied, setup: { configuration: [['NAME', 'value']] } },
]
const configTries = Object.fromEntries(
  ['store', 'runtime'].flatMap((name) => [
    config(`wasi:config/${name}#get`, (guest) => guest.call(`wasi:config/${name}`, 'get', 'NAME'), undefined),
    config(`wasi:config/${name}#get-all`, (guest) => guest.call(`wasi:config/${name}`, 'getAll'), []),
  ]),
)

type Socket = Readonly<Record<string, (...args: unknown[]) => unknown>>
const address = { tag: 'ipv4', val: { port: 80, address: [192, 0, 2, 7] } }
const anyPort = { tag: 'ipv4', val: { port: 8_080, address: [192, 0, 2, 7] } }

function withSocket(protocol: 'tcp' | 'udp', rule: string, act: (socket: Socket, network: unknown) => unknown): Try {
  return {
    allow: [rule],
    act: (guest) => {
      const made = protocol === 'tcp' ? 'createTcpSocket' : 'createUdpSocket'
      const socket = guest.call<Socket>(`wasi:sockets/${protocol}-create-socket`, made, 'ipv4')
      return act(socket, guest.call('wasi:sockets/instance-network', 'instanceNetwork'))
    },
    denied: 'access-denied',
  }
}

function message(rule: string, act: (guest: TestGuest) => unknown): Try {
  const messages = { prepare: () => 'overloaded', replyState: () => 'unknown', endRequest: () => {} } as unknown
  return { allow: [rule], act, denied: 'access-denied', setup: { powers: { messages: messages as MessagePowers } } }
}

const directoryFlags = { directory: true }
const now = { tag: 'now' }

const here = (port: number): object => ({ tag: 'ipv4', val: { port, address: [127, 0, 0, 1] } })

/** A bound socket of a guest with a real network, and what it does with datagrams to one address. */
const datagrams = (remote: unknown, act: (sender: Socket) => unknown): Try => ({
  ...withSocket('udp', 'network.connect udp://127.0.0.1:9', (socket, network) => {
    socket['startBind']?.(network, here(0))
    socket['finishBind']?.()
    const streams = socket['stream']?.(remote) as readonly Socket[] | undefined
    return act(streams?.[1] ?? {})
  }),
  before: ['network.bind udp://127.0.0.1:*'],
  hasNetwork: true,
})

/** `GET http://192.0.2.7/`, as a guest puts it together. */
function getRequest(guest: TestGuest): unknown {
  const { Fields, OutgoingRequest } = guest.host.imports['wasi:http/types'] as Record<
    string,
    new (
      ...args: unknown[]
    ) => Socket
  >
  if (Fields === undefined || OutgoingRequest === undefined) throw new TypeError('no HTTP')
  const request = new OutgoingRequest(new Fields())
  request['setScheme']?.({ tag: 'HTTP' })
  request['setAuthority']?.('192.0.2.7')
  return guest.call('wasi:http/outgoing-handler', 'handle', request, undefined)
}

const tries: Readonly<Record<string, Try>> = {
  'wasi:cli/environment#get-environment': {
    allow: ['env NAME'],
    act: (guest) => guest.call<unknown[]>('wasi:cli/environment', 'getEnvironment').length,
    denied: 0,
    setup: { environment: [['NAME', 'value']] },
  },
  ...Object.fromEntries(
    Object.entries({
      'open-at': file(['read /d/**'], (root) => open(root, 'd/f')),
      'stat-at': file(['read /d/**'], (root) => root.statAt(noFollow, 'd/f')),
      'metadata-hash-at': file(['read /d/**'], (root) => root.metadataHashAt(noFollow, 'd/f')),
      'readlink-at': file(['read /d/**'], (root) => root.readlinkAt('d/link')),
      'read-directory': file(['read /d/**'], (root) => open(root, 'd/sub', directoryFlags).readDirectory()),
      'set-times-at': file(['write /d/**'], (root) => root.setTimesAt(noFollow, 'd/f', now, now)),
      'set-times': file(['write /d/**'], (root) => open(root, 'd/f').setTimes(now, now), ['read /d/**']),
      'set-size': file(['write /d/**'], (root) => open(root, 'd/new', { write: true, create: true }).setSize(1n), [
        'create /d/**',
      ]),
      'create-directory-at': file(['create /d/**'], (root) => root.createDirectoryAt('d/made')),
      'symlink-at': file(['create /d/**'], (root) => root.symlinkAt('f', 'd/made')),
      'remove-directory-at': file(['delete /d/**'], (root) => root.removeDirectoryAt('d/sub')),
      'unlink-file-at': file(['delete /d/**'], (root) => root.unlinkFileAt('d/f')),
      'rename-at': file(['create /d/**'], (root) => root.renameAt('d/f', root, 'd/g'), ['delete /d/**']),
      'link-at': file(['create /d/**'], (root) => root.linkAt(noFollow, 'd/f', root, 'd/g'), [
        'read /d/**',
        'write /d/f',
      ]),
    }).map(([name, one]) => [`wasi:filesystem/types#[method]descriptor.${name}`, one]),
  ),
  ...configTries,
  ...storeTries('keyvalue'),
  ...storeTries('keyvalue-draft2'),
  'wasi:keyvalue-draft2/atomics#[static]cas.new': inBucket('keyvalue-draft2', 'read', (bucket, guest) => {
    const { new: make } = guest.glueClass('wasi:keyvalue-draft2/atomics', 'Cas') as unknown as Socket
    return make?.(bucket, 'k')
  }),
  'wasmcloud:messaging/consumer#publish': message('messaging.publish a.b', (guest) =>
    guest.call('wasmcloud:messaging/consumer', 'publish', { subject: 'a.b', body: bytesOf('x'), replyTo: undefined }),
  ),
  'wasmcloud:messaging/consumer#request': message('messaging.request a.b', (guest) =>
    guest.call('wasmcloud:messaging/consumer', 'request', 'a.b', bytesOf('x'), 1),
  ),
  'wasi:sockets/tcp#[method]tcp-socket.start-connect': withSocket(
    'tcp',
    'network.connect 192.0.2.7:80',
    (socket, network) => socket['startConnect']?.(network, address),
  ),
  'wasi:sockets/tcp#[method]tcp-socket.start-bind': withSocket(
    'tcp',
    'network.bind 192.0.2.7:8080',
    (socket, network) => socket['startBind']?.(network, anyPort),
  ),
  'wasi:keyvalue-draft2/atomics#swap': {
    before: ['storage.read self:*'],
    allow: ['storage.write self:*'],
    act: (guest) => {
      const bucket = guest.call('wasi:keyvalue-draft2/store', 'open', 'default')
      const { new: make } = guest.glueClass('wasi:keyvalue-draft2/atomics', 'Cas') as unknown as Socket
      return guest.call('wasi:keyvalue-draft2/atomics', 'swap', make?.(bucket, 'k'), bytesOf('v'))
    },
    denied: { tag: 'store-error', val: accessError },
  },
  'wasi:sockets/ip-name-lookup#resolve-addresses': {
    allow: ['network.connect host.example:80'],
    act: (guest) => {
      const network = guest.call('wasi:sockets/instance-network', 'instanceNetwork')
      return guest.call('wasi:sockets/ip-name-lookup', 'resolveAddresses', network, 'host.example')
    },
    denied: 'access-denied',
  },
  'wasi:http/outgoing-handler#handle': {
    allow: ['network.connect http://192.0.2.7'],
    act: getRequest,
    denied: { tag: 'HTTP-request-denied' },
  },
  'wasi:sockets/udp#[method]udp-socket.stream': datagrams(here(9), () => 'ok'),
  'wasi:sockets/udp#[method]outgoing-datagram-stream.send': datagrams(undefined, (sender) => {
    sender['checkSend']?.()
    return sender['send']?.([{ data: bytesOf('x'), remoteAddress: here(9) }])
  }),
  'wasi:sockets/udp#[method]udp-socket.start-bind': withSocket(
    'udp',
    'network.bind udp://192.0.2.7:8080',
    (socket, network) => socket['startBind']?.(network, anyPort),
  ),
}

describe('what asks', () => {
  test('is all tried', () => {
    expect(Object.keys(tries).sort()).toEqual(
      rows
        .filter(({ asks }) => asks !== 'nothing')
        .map(({ id }) => id)
        .sort(),
    )
  })

  test.each(Object.entries(tries))('%s', (_id, { allow, before = [], act, denied, hasNetwork, setup }) => {
    const attempt = (rules: readonly string[]): { got: unknown; verdicts: string[] } => {
      const host = temporaryDirectory()
      const whole = { ...setup, allow: rules, mounts: { '/d': { host } } }
      const guest = hasNetwork === true ? new NetworkGuest(service, whole).guest : lab.guest(whole)
      const got = answer(() => act(guest, host))
      return { got, verdicts: guest.records.map(({ verdict }) => verdict) }
    }
    const without = attempt(before)
    expect(without.got).toEqual(denied)
    expect(without.verdicts).toContain('denied')
    const withRules = attempt([...before, ...allow])
    expect(withRules.got).not.toEqual(denied)
    expect(withRules.verdicts).not.toContain('denied')
  })
})
