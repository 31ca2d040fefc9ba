// What every host function asks before it does anything, and what its guest is told when the answer is no. A test walks all
// functions of all contracts along this table and tries each row that asks; the reference in the documentation is written
// from it.

/** How functions that ask the same are told of. */
export type FunctionGroup = {
  /** By WIT name: `[method]descriptor.open-at`. */
  readonly functions: readonly string[]
  /** The requests that are decided; `nothing`, and then `because` says why none is needed. */
  readonly asks: string
  readonly because?: string
  /** What the guest gets where it is denied. */
  readonly denied?: string
}

export type InterfaceReference = {
  readonly name: string
  readonly about: string
  readonly groups: readonly FunctionGroup[]
}

const none = (functions: string, because: string): FunctionGroup => ({
  functions: functions.split(/\s+/),
  asks: 'nothing',
  because,
})
const asked = (functions: string, asks: string, denied: string): FunctionGroup => ({
  functions: functions.split(/\s+/),
  asks,
  denied,
})
/** The same, for the methods of one resource. */
const of = (resource: string, names: string): string =>
  names
    .split(/\s+/)
    .map((name) => `[method]${resource}.${name}`)
    .join(' ')

const opened = 'its handle was asked for when it was opened, and is decided again when the policy moves'
const itself = 'it tells of, or changes, an object of the guest’s own'
const harmless = 'it tells nothing of the host that could be kept back'

const storeFunctions = [
  asked(`${of('bucket', 'get exists')}`, '`storage.read NAMESPACE:KEY`', '`error.access-denied`'),
  asked(
    of('bucket', 'list-keys'),
    '`storage.read NAMESPACE:*`: a rule that covers the whole bucket',
    '`error.access-denied`',
  ),
  asked(of('bucket', 'set'), '`storage.write NAMESPACE:KEY`', '`error.access-denied`'),
  asked(of('bucket', 'delete'), '`storage.delete NAMESPACE:KEY`', '`error.access-denied`'),
  none('open', 'a bucket is a name; each use of a key in it is asked for'),
]
const batchFunctions = [
  asked('get-many', '`storage.read NAMESPACE:KEY` for every key, before any is read', '`error.access-denied`'),
  asked('set-many', '`storage.write NAMESPACE:KEY` for every key, before any is written', '`error.access-denied`'),
  asked('delete-many', '`storage.delete NAMESPACE:KEY` for every key, before any is removed', '`error.access-denied`'),
]
const configFunctions = [asked('get get-all', '`environment.read NAME` for each name', 'as if the name were not set')]

export const hostFunctions: readonly InterfaceReference[] = [
  {
    name: 'wasi:cli/environment',
    about: 'Variables that the tree sets or inherits by name, and arguments.',
    groups: [
      asked('get-environment', '`environment.read NAME` for each variable', 'the variable is not among the answers'),
      none('get-arguments initial-cwd', 'they are the tree’s words to this guest; the directory is always `/`'),
    ],
  },
  { name: 'wasi:cli/exit', about: 'The end of a program.', groups: [none('exit exit-with-code', itself)] },
  ...['stdin', 'stdout', 'stderr'].map((name) => ({
    name: `wasi:cli/${name}`,
    about: 'A standard stream, which the host reads or feeds.',
    groups: [none(`get-${name}`, 'every guest has its own; what it writes is counted against `logs`')],
  })),
  ...['input', 'output'].map((name) => ({ name: `wasi:cli/terminal-${name}`, about: 'Never a terminal.', groups: [] })),
  ...['stdin', 'stdout', 'stderr'].map((name) => ({
    name: `wasi:cli/terminal-${name}`,
    about: 'Never a terminal.',
    groups: [none(`get-terminal-${name}`, 'the answer is always that there is none')],
  })),
  {
    name: 'wasi:clocks/monotonic-clock',
    about: 'Time since the runtime’s start, and timers.',
    groups: [none('now resolution subscribe-instant subscribe-duration', harmless)],
  },
  { name: 'wasi:clocks/timezone', about: 'Always UTC.', groups: [none('display utc-offset', harmless)] },
  { name: 'wasi:clocks/wall-clock', about: 'The time of day.', groups: [none('now resolution', harmless)] },
  { name: 'wasi:config/store', about: 'Configuration of the child.', groups: configFunctions },
  { name: 'wasi:config/runtime', about: 'The same under its older name.', groups: configFunctions },
  {
    name: 'wasi:filesystem/preopens',
    about: 'One root directory, in which only what is mounted is found.',
    groups: [none('get-directories', 'the root holds names only; what lies in it is asked for')],
  },
  {
    name: 'wasi:filesystem/types',
    about: 'Files below the mounts. Paths are canonical and in the guest’s name space.',
    groups: [
      asked(
        of('descriptor', 'open-at'),
        '`filesystem.read`, `write` and `create`, by its flags; the whole wish before anything is looked at',
        '`access`',
      ),
      asked(of('descriptor', 'stat-at metadata-hash-at readlink-at'), '`filesystem.read PATH`', '`access`'),
      asked(
        of('descriptor', 'read-directory'),
        '`filesystem.read PATH`; an ancestor of something granted lists only names that lead there',
        '`access`',
      ),
      asked(of('descriptor', 'set-times-at set-times set-size'), '`filesystem.write PATH`', '`access`'),
      asked(of('descriptor', 'create-directory-at symlink-at'), '`filesystem.create PATH`', '`access`'),
      asked(of('descriptor', 'remove-directory-at unlink-file-at'), '`filesystem.delete PATH`', '`access`'),
      asked(
        of('descriptor', 'rename-at'),
        '`filesystem.delete` on the old name, `create` on the new one, `delete` on what it replaces; and that nothing becomes more allowed by it',
        '`access`; `cross-device` where a copy would be allowed',
      ),
      asked(
        of('descriptor', 'link-at'),
        '`filesystem.read` and `write` on the old name, `create` on the new one; and that nothing becomes more allowed by it',
        '`access`',
      ),
      none(
        of(
          'descriptor',
          'read write read-via-stream write-via-stream append-via-stream advise sync-data sync get-flags get-type stat metadata-hash is-same-object',
        ),
        opened,
      ),
      none('[method]directory-entry-stream.read-directory-entry filesystem-error-code', opened),
    ],
  },
  {
    name: 'wasi:http/outgoing-handler',
    about: 'Requests to other servers. Redirects are not followed: each is a request of its own.',
    groups: [
      asked(
        'handle',
        '`network.connect PROTOCOL://HOST:PORT`, and in the network service the same with the address that is meant',
        '`error-code.HTTP-request-denied`',
      ),
    ],
  },
  {
    name: 'wasi:http/types',
    about: 'Parts of requests and answers; those of `incoming-handler` too.',
    groups: [
      none(
        '[constructor]fields [static]fields.from-list ' +
          of('fields', 'get has set delete append entries clone') +
          ' ' +
          of('incoming-request', 'method path-with-query scheme authority headers consume') +
          ' [constructor]outgoing-request ' +
          of(
            'outgoing-request',
            'body method set-method path-with-query set-path-with-query scheme set-scheme authority set-authority headers',
          ) +
          ' [constructor]request-options ' +
          of(
            'request-options',
            'connect-timeout set-connect-timeout first-byte-timeout set-first-byte-timeout between-bytes-timeout set-between-bytes-timeout',
          ),
        itself,
      ),
      none(
        of('incoming-response', 'status headers consume') +
          ' [method]incoming-body.stream [static]incoming-body.finish ' +
          of('future-trailers', 'subscribe get') +
          ' [constructor]outgoing-response ' +
          of('outgoing-response', 'status-code set-status-code headers body') +
          ' [method]response-outparam.send-informational [static]response-outparam.set' +
          ' [method]outgoing-body.write [static]outgoing-body.finish ' +
          of('future-incoming-response', 'subscribe get') +
          ' http-error-code',
        'the exchange was asked for by `handle`, or came to the guest; it is decided again when the policy moves',
      ),
    ],
  },
  {
    name: 'wasi:io/error',
    about: 'What went wrong in a stream.',
    groups: [none('[method]error.to-debug-string', opened)],
  },
  {
    name: 'wasi:io/poll',
    about: 'Waiting for any mix of files, sockets, exchanges, streams and timers.',
    groups: [none(`${of('pollable', 'ready block')} poll`, opened)],
  },
  {
    name: 'wasi:io/streams',
    about: 'One set of streams, whatever they are made of.',
    groups: [
      none(
        `${of('input-stream', 'read blocking-read skip blocking-skip subscribe')} ${of(
          'output-stream',
          'check-write write blocking-write-and-flush flush blocking-flush subscribe write-zeroes blocking-write-zeroes-and-flush splice blocking-splice',
        )}`,
        opened,
      ),
    ],
  },
  { name: 'wasi:keyvalue/store', about: 'Key-value storage, first draft.', groups: storeFunctions },
  {
    name: 'wasi:keyvalue/atomics',
    about: 'Counters, first draft.',
    groups: [asked('increment', '`storage.read` and `storage.write NAMESPACE:KEY`', '`error.access-denied`')],
  },
  { name: 'wasi:keyvalue/batch', about: 'Many keys at once, first draft.', groups: batchFunctions },
  {
    name: 'wasi:keyvalue-draft2/store',
    about: 'Key-value storage, second draft: the same store.',
    groups: storeFunctions,
  },
  {
    name: 'wasi:keyvalue-draft2/atomics',
    about: 'Counters and compare-and-swap, second draft.',
    groups: [
      asked('increment', '`storage.read` and `storage.write NAMESPACE:KEY`', '`error.access-denied`'),
      asked('[static]cas.new', '`storage.read NAMESPACE:KEY`', '`error.access-denied`'),
      asked('swap', '`storage.read` and `storage.write NAMESPACE:KEY`', '`cas-error.store-error(error.access-denied)`'),
      none('[method]cas.current', 'the value was asked for when the handle was made'),
    ],
  },
  { name: 'wasi:keyvalue-draft2/batch', about: 'Many keys at once, second draft.', groups: batchFunctions },
  {
    name: 'wasi:logging/logging',
    about: 'Log records of the guest.',
    groups: [none('log', 'every guest may say something to its operator; it is counted against `logs`')],
  },
  ...['random', 'insecure'].map((name) => ({
    name: `wasi:random/${name}`,
    about: 'Random bytes, at most 64 KiB a call.',
    groups: [
      none(
        name === 'random' ? 'get-random-bytes get-random-u64' : 'get-insecure-random-bytes get-insecure-random-u64',
        harmless,
      ),
    ],
  })),
  { name: 'wasi:random/insecure-seed', about: 'A seed for hash tables.', groups: [none('insecure-seed', harmless)] },
  {
    name: 'wasi:sockets/instance-network',
    about: 'The network as a handle.',
    groups: [none('instance-network', 'the handle opens nothing; each address is asked for')],
  },
  {
    name: 'wasi:sockets/ip-name-lookup',
    about: 'Addresses of names.',
    groups: [
      asked(
        'resolve-addresses',
        '`network.resolve NAME`, which only names have that a connect rule may cover',
        '`access-denied`',
      ),
      none(of('resolve-address-stream', 'resolve-next-address subscribe'), opened),
    ],
  },
  { name: 'wasi:sockets/network', about: 'Errors of streams.', groups: [none('network-error-code', opened)] },
  {
    name: 'wasi:sockets/tcp-create-socket',
    about: 'Sockets before they are anything.',
    groups: [none('create-tcp-socket', 'where it goes is asked for when it connects or binds')],
  },
  {
    name: 'wasi:sockets/tcp',
    about: 'Connections and listeners.',
    groups: [
      asked(
        of('tcp-socket', 'start-connect'),
        '`network.connect tcp://ADDRESS:PORT`: by a rule for the address, or for a name that the guest has looked up',
        '`access-denied`',
      ),
      asked(of('tcp-socket', 'start-bind'), '`network.bind tcp://ADDRESS:PORT`', '`access-denied`'),
      none(
        of(
          'tcp-socket',
          'finish-bind finish-connect start-listen finish-listen accept local-address remote-address is-listening address-family set-listen-backlog-size keep-alive-enabled set-keep-alive-enabled keep-alive-idle-time set-keep-alive-idle-time keep-alive-interval set-keep-alive-interval keep-alive-count set-keep-alive-count hop-limit set-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe shutdown',
        ),
        opened,
      ),
    ],
  },
  {
    name: 'wasi:sockets/udp-create-socket',
    about: 'Sockets before they are anything.',
    groups: [none('create-udp-socket', 'where it goes is asked for when it binds, and for each datagram')],
  },
  {
    name: 'wasi:sockets/udp',
    about: 'Datagrams. Each is judged by its address, those that come in too.',
    groups: [
      asked(of('udp-socket', 'start-bind'), '`network.bind udp://ADDRESS:PORT`', '`access-denied`'),
      asked(of('udp-socket', 'stream'), '`network.connect udp://ADDRESS:PORT`, where it names one', '`access-denied`'),
      asked(
        of('outgoing-datagram-stream', 'send'),
        '`network.connect udp://ADDRESS:PORT` for each datagram, in the network service',
        '`access-denied`',
      ),
      none(
        of(
          'udp-socket',
          'finish-bind local-address remote-address address-family unicast-hop-limit set-unicast-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe',
        ),
        opened,
      ),
      none(
        `${of('incoming-datagram-stream', 'receive subscribe')} ${of('outgoing-datagram-stream', 'check-send subscribe')}`,
        opened,
      ),
    ],
  },
  { name: 'wasmcloud:messaging/types', about: 'A record.', groups: [] },
  {
    name: 'wasmcloud:messaging/consumer',
    about: 'Messages to other actors.',
    groups: [
      asked('publish', '`messaging.publish TOPIC`; an answer to a message in hand asks nothing', '`access-denied`'),
      asked('request', '`messaging.request TOPIC`', '`access-denied`'),
    ],
  },
]
