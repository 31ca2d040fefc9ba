import { Authority } from './authority.js'
import { CallTrace } from './call-trace.js'
import { cliEnvironment } from './cli/environment.js'
import { cliExit } from './cli/exit.js'
import { cliStdio } from './cli/stdio.js'
import { cliTerminals } from './cli/terminal.js'
import { monotonicClock, timezone, wallClock } from './clocks/clocks.js'
import { configInterfaces } from './config/config.js'
import { CpuThrottle } from './cpu-throttle.js'
import { DirectoryHandle } from './filesystem/directory-handle.js'
import { FileAuthority } from './filesystem/file-authority.js'
import type { FileSystem, Usage } from './filesystem/file-system.js'
import { HandleLedger } from './filesystem/handle-ledger.js'
import { Kernel } from './filesystem/kernel.js'
import { closeMounts, type MountNode, openMounts } from './filesystem/mount-tree.js'
import { filesystemPreopens } from './filesystem/preopens.js'
import { ScratchBuffer } from './filesystem/scratch-buffer.js'
import { filesystemTypes } from './filesystem/types.js'
import { Guard } from './guard.js'
import { httpInterfaces, openHttp } from './http/http.js'
import { type HttpClasses, httpClasses } from './http/http-classes.js'
import { HttpNetwork } from './http/http-network.js'
import { hostInterfaces } from './interfaces/host-interfaces.js'
import { ioError } from './io/error.js'
import { ioPoll } from './io/poll.js'
import { Poller } from './io/poller.js'
import type { StreamClasses } from './io/stream-classes.js'
import { ioStreams } from './io/streams.js'
import { Waiter } from './io/waiter.js'
import { keyValueInterfaces } from './keyvalue/interfaces.js'
import { type InterfaceImplementation, link } from './link.js'
import { loggingInterface } from './logging/logging.js'
import { messagingConsumer, messagingTypes } from './messaging/consumer.js'
import type { GuestHost, HostPowers, HostTotals } from './powers.js'
import { randomInterfaces } from './random/random.js'
import { Resources } from './resources.js'
import { ServiceAccess } from './services/service-access.js'
import { NetworkDesk } from './sockets/network-desk.js'
import { socketInterfaces } from './sockets/sockets.js'

/**
 * Makes the host functions of one guest instance, and opens its mounts. Everything runs in the thread of the guest,
 * synchronously; a call either answers, throws its interface's declared error, or ends the guest with `GuestExit`,
 * `ResourceExceeded`, `GuestMisuse`, `Poisoned`, or the `RangeError` of an exhausted stack.
 *
 * @throws {BulkheadError} `filesystem-access-denied` when the root of a mount is not the object that was approved.
 * @example
 * ```ts
 * const host = createHost(powers)
 * try {
 *   instantiate(host.imports).run.run()
 * } finally {
 *   host.close()
 * }
 * ```
 */
export function createHost(powers: HostPowers): GuestHost {
  const authority = new Authority(powers)
  const guard = new Guard(powers, authority)
  const resources = new Resources(powers.context.limits.pollablesMax)
  guard.throttle = CpuThrottle.of(powers, authority, powers.context.limits.cpuPercent)
  const kernel = new Kernel(powers.fs)
  const mounts = openMounts(kernel, powers.context.mounts)
  const usage: Usage = { bytesRead: 0, bytesWritten: 0 }
  const system = fileSystem(powers, authority, resources, kernel, mounts, usage)
  authority.onAdopt(({ limits }) => {
    if (limits?.handlesMax !== undefined) system.ledger.max = limits.handlesMax
    if (limits?.cpuPercent !== undefined) {
      guard.throttle = CpuThrottle.of(powers, authority, limits.cpuPercent, guard.throttle)
    }
    resources.redecide()
  })
  const offered = powers.context.interfaces ?? []
  const waiter = new Waiter(powers, authority)
  const network = new ServiceAccess('network', powers, waiter, authority)
  const poller = new Poller(waiter, network)
  const http = httpClasses(resources, system.streams, poller)
  const waits: Waits = { waiter, poller, network, http, isEnded: () => guard.ended !== undefined }
  const imports = link(guard, interfaces(powers, authority, resources, system, waits), resources.index, offered)
  let totals: HostTotals | undefined
  return {
    imports,
    poison: (reason) => guard.poison(reason),
    forgedHandle: (detail) => guard.hostile('forged-handle', detail),
    flush: () => authority.flush(),
    ended: () => guard.ended,
    counters: () => authority.counters(),
    beginTrace: () => {
      authority.trace = new CallTrace(powers.monotonicNs)
    },
    endTrace: () => {
      const traced = authority.trace?.end()
      authority.trace = undefined
      return traced
    },
    openDescriptors: () => system.ledger.used,
    openHttp: (exchange) => openHttp(http, exchange),
    close: () => {
      if (totals !== undefined) return totals
      guard.poison('the host is closed')
      resources.dropAll()
      system.root.release()
      closeMounts(kernel, mounts)
      authority.flush()
      const { checksGranted, checksDenied } = authority.counters()
      totals = { checksGranted, checksDenied, ...usage }
      return totals
    },
  }
}

function streamClasses(resources: Resources): StreamClasses {
  return {
    input: resources.of('wasi:io/streams', 'input-stream'),
    output: resources.of('wasi:io/streams', 'output-stream'),
    pollable: resources.of('wasi:io/poll', 'pollable'),
    error: resources.of('wasi:io/error', 'error'),
  }
}

function fileSystem(
  powers: HostPowers,
  authority: Authority,
  resources: Resources,
  kernel: Kernel,
  mounts: MountNode,
  usage: Usage,
): FileSystem {
  const { context } = powers
  const ledger = new HandleLedger(context.limits.handlesMax)
  const { mount } = mounts
  const place = { path: '/', mount, hostPath: mount?.hostPath, handle: mount?.handle, node: mounts }
  return {
    kernel,
    ledger,
    files: new FileAuthority(authority, mounts),
    root: new DirectoryHandle(kernel, ledger, place, undefined, false),
    ownDirectories: context.ownDirectories,
    limits: context.limits,
    wallMs: powers.wallMs,
    hashKey: randomKey(powers.fillRandom),
    descriptors: resources.of('wasi:filesystem/types', 'descriptor'),
    listings: resources.of('wasi:filesystem/types', 'directory-entry-stream'),
    streams: streamClasses(resources),
    scratch: new ScratchBuffer(),
    usage,
  }
}

/** What waits for something outside of the guest's thread. */
type Waits = {
  readonly waiter: Waiter
  readonly poller: Poller
  readonly network: ServiceAccess
  readonly http: HttpClasses
  readonly isEnded: () => boolean
}

function interfaces(
  powers: HostPowers,
  authority: Authority,
  resources: Resources,
  system: FileSystem,
  { waiter, poller, network, http, isEnded }: Waits,
): InterfaceImplementation[] {
  const { context, stdin, stdout, stderr, monotonicNs, wallMs, fillRandom, messages } = powers
  const { readBytesPerCallMax, pollablesMax, randomBytesPerCallMax } = context.limits
  const { streams, usage } = system
  return [
    cliEnvironment({ authority, args: context.args, environment: context.environment }),
    cliExit,
    ...cliStdio({ stdin, stdout, stderr, streams, waiter, usage }),
    ...cliTerminals,
    monotonicClock({ monotonicNs, wallMs, streams }),
    wallClock({ monotonicNs, wallMs, streams }),
    timezone,
    filesystemPreopens(system),
    filesystemTypes(system),
    ioError,
    ioPoll({ poller, pollablesMax }),
    ioStreams({ classes: streams, poller, readBytesPerCallMax }),
    messagingTypes,
    messagingConsumer({ authority, waiter, monotonicNs, ...(messages === undefined ? {} : { messages }) }),
    ...keyValueInterfaces({ authority, resources, access: new ServiceAccess('store', powers, waiter, authority) }),
    ...configInterfaces({ authority, configuration: context.configuration ?? [], secrets: powers.secrets ?? [] }),
    loggingInterface({ waiter, ...(powers.logs === undefined ? {} : { logs: powers.logs }) }),
    ...hostInterfaces(context.interfaces ?? [], new ServiceAccess('interfaces', powers, waiter, authority)),
    ...randomInterfaces({ fillRandom, bytesPerCallMax: randomBytesPerCallMax }),
    ...socketInterfaces({ desk: new NetworkDesk(authority, network, isEnded), streams, poller, fillRandom, resources }),
    ...httpInterfaces({ authority, classes: http, network: new HttpNetwork({ authority, access: network, isEnded }) }),
  ]
}

function randomKey(fillRandom: HostPowers['fillRandom']): bigint {
  const bytes = new Uint8Array(16)
  fillRandom(bytes)
  const view = new DataView(bytes.buffer)
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8)
}
