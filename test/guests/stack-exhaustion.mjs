// Guests that enter a host function from any depth of the guest's own stack: one guest for each WASI interface.
//
// stdin, little-endian: u32 which function (its index in `enteredFunctions`) · u32 depth · u32 whether to call it at all.
// Before it descends the guest gets itself an honest handle of each kind that the function wants; where no honest one can be
// had (of sockets and HTTP, which need a service of the network) it passes 0, which the host must answer with the tripwire instead.
// Everything it holds is dropped on the way back, so that after any number of clean runs the host holds nothing.
import { everyImport } from './component-from-wat.mjs'
import { commandModule, importFunction, textTable } from './prelude.mjs'

/** Result area: larger than any result record. */
const ret = 4096
/** The pollable list that `poll` borrows. */
const pollList = 4000
/** Parameters that each frame of the descent keeps alive: 200 frames span what the host needs of the stack, in small steps. */
const frameWords = 12

const small = '(i32.const 0)'
const long = (/** @type {number} */ value) => `(i64.const ${value})`
const int = (/** @type {number} */ value) => `(i32.const ${value})`
const self = (/** @type {string} */ kind) => `(global.get $${kind})`
const back = int(ret)

/**
 * @typedef {(text: ReturnType<typeof textTable>) => string[]} Operands
 * @typedef {{ needs?: string[], operands: Operands, drops?: string }} Entry
 * `drops` is the resource whose handle a success leaves in the result area, or gives directly.
 * @type {Record<string, Entry>}
 */
const entries = {
  'wasi:io/poll#[method]pollable.ready': { needs: ['pollable'], operands: () => [self('pollable')] },
  'wasi:io/poll#[method]pollable.block': { needs: ['pollable'], operands: () => [self('pollable')] },
  'wasi:io/poll#poll': { needs: ['pollable'], operands: () => [int(pollList), int(1), back] },
  'wasi:clocks/monotonic-clock#subscribe-instant': { operands: () => [long(1)], drops: 'pollable' },
  'wasi:clocks/monotonic-clock#subscribe-duration': { operands: () => [long(1)], drops: 'pollable' },
  ...reads('read', 'blocking-read', 'skip', 'blocking-skip'),
  'wasi:io/streams#[method]input-stream.subscribe': {
    needs: ['in'],
    operands: () => [self('in')],
    drops: 'pollable',
  },
  ...onOut('check-write', 'flush', 'blocking-flush'),
  ...writes('write', 'blocking-write-and-flush'),
  ...zeroes('write-zeroes', 'blocking-write-zeroes-and-flush'),
  ...splices('splice', 'blocking-splice'),
  'wasi:io/streams#[method]output-stream.subscribe': {
    needs: ['out'],
    operands: () => [self('out')],
    drops: 'pollable',
  },
  'wasi:cli/stdin#get-stdin': { operands: () => [], drops: 'input-stream' },
  'wasi:cli/stdout#get-stdout': { operands: () => [], drops: 'output-stream' },
  'wasi:cli/stderr#get-stderr': { operands: () => [], drops: 'output-stream' },
  'wasi:cli/exit#exit': { operands: () => [int(1)] },
  'wasi:cli/exit#exit-with-code': { operands: () => [int(3)] },
  'wasi:random/random#get-random-bytes': { operands: () => [long(16), back] },
  'wasi:random/insecure#get-insecure-random-bytes': { operands: () => [long(16), back] },
  'wasi:filesystem/types#[method]descriptor.read-via-stream': onFile([long(0), back], 'input-stream'),
  'wasi:filesystem/types#[method]descriptor.write-via-stream': onFile([long(0), back], 'output-stream'),
  'wasi:filesystem/types#[method]descriptor.append-via-stream': onFile([back], 'output-stream'),
  'wasi:filesystem/types#[method]descriptor.advise': onFile([long(0), long(1), small, back]),
  'wasi:filesystem/types#[method]descriptor.sync-data': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.get-flags': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.get-type': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.set-size': onFile([long(3), back]),
  'wasi:filesystem/types#[method]descriptor.set-times': onFile([int(1), long(0), small, int(1), long(0), small, back]),
  'wasi:filesystem/types#[method]descriptor.read': onFile([long(2), long(0), back]),
  'wasi:filesystem/types#[method]descriptor.write': {
    needs: ['file'],
    operands: (text) => [self('file'), text.operands('xyz'), long(0), back],
  },
  'wasi:filesystem/types#[method]descriptor.sync': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.stat': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.metadata-hash': onFile([back]),
  'wasi:filesystem/types#[method]descriptor.is-same-object': {
    needs: ['file'],
    operands: () => [self('file'), self('directory')],
  },
  'wasi:filesystem/types#[method]descriptor.read-directory': {
    needs: ['directory'],
    operands: () => [self('directory'), back],
    drops: 'directory-entry-stream',
  },
  'wasi:filesystem/types#[method]directory-entry-stream.read-directory-entry': {
    needs: ['entries'],
    operands: () => [self('entries'), back],
  },
  ...below('create-directory-at', (text) => [text.operands('made'), back]),
  ...below('stat-at', (text) => [int(1), text.operands('file'), back]),
  ...below('metadata-hash-at', (text) => [int(1), text.operands('file'), back]),
  ...below('set-times-at', (text) => [
    ...[int(1), text.operands('file')],
    ...[int(1), long(0), small, int(1), long(0), small, back],
  ]),
  ...below('link-at', (text) => [small, text.operands('file'), self('directory'), text.operands('linked'), back]),
  ...below('open-at', (text) => [int(1), text.operands('file'), small, int(1), back], 'descriptor'),
  ...below('readlink-at', (text) => [text.operands('symlink'), back]),
  ...below('remove-directory-at', (text) => [text.operands('empty'), back]),
  ...below('rename-at', (text) => [text.operands('from'), self('directory'), text.operands('to'), back]),
  ...below('symlink-at', (text) => [text.operands('file'), text.operands('another'), back]),
  ...below('unlink-file-at', (text) => [text.operands('from'), back]),
  'wasi:sockets/instance-network#instance-network': { operands: () => [], drops: 'network' },
  'wasi:sockets/ip-name-lookup#resolve-addresses': {
    needs: ['network'],
    operands: (text) => [self('network'), text.operands('localhost'), back],
  },
}

/** @param {string} method @param {Operands} rest @param {string} [drops] @returns {Record<string, Entry>} */
function below(method, rest, drops) {
  return {
    [`wasi:filesystem/types#[method]descriptor.${method}`]: {
      needs: ['directory'],
      operands: (text) => [self('directory'), ...rest(text)],
      ...(drops === undefined ? {} : { drops }),
    },
  }
}

/** @param {string[]} rest @param {string} [drops] @returns {Entry} */
function onFile(rest, drops) {
  return {
    needs: ['file'],
    operands: () => [self('file'), ...rest],
    ...(drops === undefined ? {} : { drops }),
  }
}

/** @param {string[]} methods @param {(method: string) => [string, Entry]} entry @returns {Record<string, Entry>} */
function each(methods, entry) {
  return Object.fromEntries(methods.map(entry))
}

/** @param {string[]} methods */
function reads(...methods) {
  return each(methods, (method) => [
    `wasi:io/streams#[method]input-stream.${method}`,
    { needs: ['in'], operands: () => [self('in'), long(2), back] },
  ])
}

/** @param {string[]} methods */
function onOut(...methods) {
  return each(methods, (method) => [
    `wasi:io/streams#[method]output-stream.${method}`,
    { needs: ['out'], operands: () => [self('out'), back] },
  ])
}

/** @param {string[]} methods */
function writes(...methods) {
  return each(methods, (method) => [
    `wasi:io/streams#[method]output-stream.${method}`,
    { needs: ['out', 'permit'], operands: (text) => [self('out'), text.operands('xyz'), back] },
  ])
}

/** @param {string[]} methods */
function zeroes(...methods) {
  return each(methods, (method) => [
    `wasi:io/streams#[method]output-stream.${method}`,
    { needs: ['out', 'permit'], operands: () => [self('out'), long(2), back] },
  ])
}

/** @param {string[]} methods */
function splices(...methods) {
  return each(methods, (method) => [
    `wasi:io/streams#[method]output-stream.${method}`,
    { needs: ['in', 'out'], operands: () => [self('out'), self('in'), long(2), back] },
  ])
}

/**
 * How each kind of handle is got, in an order in which what one needs stands before it.
 * @type {Record<string, { needs: string[], imports: string[], get: Operands }>}
 */
const kinds = {
  directory: {
    needs: [],
    imports: [
      importFunction('wasi:filesystem/preopens#get-directories', 'setup_directories', '(param i32)'),
      importFunction(
        'wasi:filesystem/types#[method]descriptor.open-at',
        'setup_open',
        '(param i32 i32 i32 i32 i32 i32 i32)',
      ),
    ],
    // The one preopened directory is the virtual root, in which `data` is mounted.
    get: (text) => [
      `(call $setup_directories ${back})`,
      `(global.set $root (i32.load (i32.load ${back})))`,
      `(call $setup_open (global.get $root) (i32.const 1) ${text.operands('data')} (i32.const 2) (i32.const 1) ${back})`,
      `(call $must_be_ok)`,
      `(global.set $directory (i32.load (i32.const ${ret + 4})))`,
    ],
  },
  file: {
    needs: ['directory'],
    imports: [],
    get: (text) => [
      `(call $setup_open (global.get $directory) (i32.const 0) ${text.operands('file')} (i32.const 0) (i32.const 3) ${back})`,
      `(call $must_be_ok)`,
      `(global.set $file (i32.load (i32.const ${ret + 4})))`,
    ],
  },
  in: {
    needs: ['file'],
    imports: [
      importFunction('wasi:filesystem/types#[method]descriptor.read-via-stream', 'setup_in', '(param i32 i64 i32)'),
    ],
    get: () => [
      `(call $setup_in (global.get $file) (i64.const 0) ${back})`,
      '(call $must_be_ok)',
      `(global.set $in (i32.load (i32.const ${ret + 4})))`,
    ],
  },
  out: {
    needs: ['file'],
    imports: [
      importFunction('wasi:filesystem/types#[method]descriptor.write-via-stream', 'setup_out', '(param i32 i64 i32)'),
    ],
    get: () => [
      `(call $setup_out (global.get $file) (i64.const 0) ${back})`,
      '(call $must_be_ok)',
      `(global.set $out (i32.load (i32.const ${ret + 4})))`,
    ],
  },
  permit: {
    needs: ['out'],
    imports: [importFunction('wasi:io/streams#[method]output-stream.check-write', 'setup_permit', '(param i32 i32)')],
    get: () => [`(call $setup_permit (global.get $out) ${back})`, '(call $must_be_ok)'],
  },
  entries: {
    needs: ['directory'],
    imports: [
      importFunction('wasi:filesystem/types#[method]descriptor.read-directory', 'setup_entries', '(param i32 i32)'),
    ],
    get: () => [
      `(call $setup_entries (global.get $directory) ${back})`,
      '(call $must_be_ok)',
      `(global.set $entries (i32.load (i32.const ${ret + 4})))`,
    ],
  },
  pollable: {
    needs: [],
    imports: [
      importFunction('wasi:clocks/monotonic-clock#subscribe-duration', 'setup_pollable', '(param i64) (result i32)'),
    ],
    get: () => [
      '(global.set $pollable (call $setup_pollable (i64.const 0)))',
      `(i32.store (i32.const ${pollList}) (global.get $pollable))`,
    ],
  },
  network: {
    needs: [],
    imports: [importFunction('wasi:sockets/instance-network#instance-network', 'setup_network', '(result i32)')],
    get: () => ['(global.set $network (call $setup_network))'],
  },
}

/** The resource behind each kind of handle, children before parents: in this order they are dropped. */
const dropOrder = [
  ['in', 'wasi:io/streams', 'input-stream'],
  ['out', 'wasi:io/streams', 'output-stream'],
  ['entries', 'wasi:filesystem/types', 'directory-entry-stream'],
  ['file', 'wasi:filesystem/types', 'descriptor'],
  ['directory', 'wasi:filesystem/types', 'descriptor'],
  ['root', 'wasi:filesystem/types', 'descriptor'],
  ['pollable', 'wasi:io/poll', 'pollable'],
  ['network', 'wasi:sockets/network', 'network'],
]

const all = await everyImport()

/** Every function that a guest can enter, by interface; the index is what stdin names. @type {Map<string, string[]>} */
export const enteredFunctions = new Map()
for (const { interface: iface, name } of all) {
  enteredFunctions.set(iface, [...(enteredFunctions.get(iface) ?? []), name])
}

/** Whether the guest has honest handles for the call; else it can only be refused. @param {string} iface @param {string} name */
export function isEnteredHonestly(iface, name) {
  return entries[`${iface}#${name}`] !== undefined || !/^\[|error-code$|^handle$/.test(name)
}

/** @param {string} iface `wasi:filesystem/types` */
export function stackExhaustionGuestName(iface) {
  return `stack-exhaustion-${iface.replace('wasi:', '').replace('/', '-')}`
}

/** @param {string} param */
const nothing = (param) => (param === 'i64' ? long(0) : param === 'f64' ? '(f64.const 0)' : small)

/** @param {string} iface */
function guest(iface) {
  const text = textTable()
  const functions = all.filter((each) => each.interface === iface)
  /** @type {Set<string>} */
  const imports = new Set([
    importFunction('wasi:cli/stdin#get-stdin', 'get_stdin', '(result i32)'),
    importFunction('wasi:io/streams#[method]input-stream.blocking-read', 'blocking_read', '(param i32 i64 i32)'),
  ])
  /** @type {Set<string>} */
  const drops = new Set(['input-stream'])
  const cases = functions.map((fn, index) => oneFunction(fn, index, { imports, drops, text }))
  for (const [kind, , resource] of dropOrder) {
    const used = kind === 'root' ? 'directory' : kind
    if (cases.some((each) => each.needs.includes(String(used)))) drops.add(String(resource))
  }
  const dropImports = [...drops].filter((resource) => resource !== 'output-stream').map(dropImport)
  return commandModule({
    text,
    imports: [...imports, ...dropImports],
    body: `${['root', ...Object.keys(kinds)].map((kind) => `(global $${kind} (mut i32) (i32.const 0))`).join('\n  ')}
  (func $drop_of_output-stream (param i32) (call $drop_output (local.get 0)))
  (global $which (mut i32) (i32.const 0))
  (global $direct (mut i32) (i32.const -1))
  (func $must_be_ok (if (i32.load8_u ${back}) (then (unreachable))))
  (func $enter
    ${cases.map((each) => each.call).join('\n    ')}
    (unreachable))
  ${descent()}
  (func $run (local $stdin i32)
    (global.set $free (i32.const 65536))
    (local.set $stdin (call $get_stdin))
    (call $blocking_read (local.get $stdin) (i64.const 12) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then (unreachable)))
    (call $drop_of_input-stream (local.get $stdin))
    (global.set $which (i32.load (i32.load (i32.const 36))))
    (call $prepare)
    (global.set $direct (i32.const -1))
    (i32.store8 ${back} (i32.const 1))
    (call $descend (i32.load offset=4 (i32.load (i32.const 36))) (i32.load offset=8 (i32.load (i32.const 36)))
      ${Array.from({ length: frameWords }, (_, word) => long(word)).join(' ')})
    (drop)
    (if (i32.load offset=8 (i32.load (i32.const 36))) (then (call $clean_up)))
    ${dropOrder
      .filter(([kind]) => cases.some((each) => each.needs.includes(kind === 'root' ? 'directory' : String(kind))))
      .map(
        ([kind, , resource]) =>
          `(if (global.get $${kind}) (then (call $drop_of_${resource} (global.get $${kind})) (global.set $${kind} (i32.const 0))))`,
      )
      .join('\n    ')})
  (func $prepare
    ${cases.map((each) => each.prepare).join('\n    ')})
  (func $clean_up
    ${cases.map((each) => each.cleanUp).join('\n    ')})`,
  })
}

/** @param {string} resource */
function dropImport(resource) {
  const home = dropOrder.find(([, , name]) => name === resource)?.[1]
  return importFunction(`${home}#[resource-drop]${resource}`, `drop_of_${resource}`, '(param i32)')
}

/** Recurses `depth` frames down, enters the function there, and uses every parameter on the way back. */
function descent() {
  const words = Array.from({ length: frameWords }, (_, word) => `$w${word}`)
  return `(func $descend (param $depth i32) (param $call i32) ${words.map((word) => `(param ${word} i64)`).join(' ')} (result i64)
    (if (local.get $depth)
      (then
        (local.set $w0 (call $descend (i32.sub (local.get $depth) (i32.const 1)) (local.get $call)
          ${words.map((word) => `(i64.add (local.get ${word}) (i64.const 1))`).join(' ')})))
      (else (if (local.get $call) (then (call $enter)))))
    ${words.map((word) => `(local.get ${word})`).join(' ')}
    ${words
      .slice(1)
      .map(() => '(i64.xor)')
      .join(' ')})`
}

/**
 * @param {{ interface: string, name: string, params: string[], results: string[] }} fn
 * @param {number} index
 * @param {{ imports: Set<string>, drops: Set<string>, text: ReturnType<typeof textTable> }} module
 */
function oneFunction(fn, index, { imports, drops, text }) {
  const entry = entries[`${fn.interface}#${fn.name}`] ?? defaultEntry(fn)
  const params = fn.params.length === 0 ? '' : `(param ${fn.params.join(' ')})`
  const results = fn.results.length === 0 ? '' : `(result ${fn.results.join(' ')})`
  imports.add(importFunction(`${fn.interface}#${fn.name}`, `entered_${index}`, `${params} ${results}`))
  const needs = withTheirNeeds(entry.needs ?? [])
  for (const kind of needs) for (const line of kinds[kind]?.imports ?? []) imports.add(line)
  if (entry.drops !== undefined) drops.add(entry.drops)
  const call = `(call $entered_${index} ${entry.operands(text).join(' ')})`
  const kept =
    fn.results[0] === 'i32' ? `(global.set $direct ${call})` : fn.results.length > 0 ? `(drop ${call})` : call
  const when = (/** @type {string} */ body) => `(if (i32.eq (global.get $which) (i32.const ${index})) (then ${body}))`
  const handle = fn.results[0] === 'i32' ? '(global.get $direct)' : `(i32.load (i32.const ${ret + 4}))`
  const held = fn.results[0] === 'i32' ? '(i32.const 1)' : `(i32.eqz (i32.load8_u ${back}))`
  return {
    needs,
    call: when(`${kept} (return)`),
    prepare: when(needs.flatMap((kind) => kinds[kind]?.get(text) ?? []).join(' ')),
    cleanUp: entry.drops === undefined ? '' : when(`(if ${held} (then (call $drop_of_${entry.drops} ${handle})))`),
  }
}

/** Zeroes, with the result area last where the core type ends in a pointer and gives nothing. */
function defaultEntry(/** @type {{ params: string[], results: string[] }} */ fn) {
  const operands = fn.params.map(nothing)
  if (fn.results.length === 0 && fn.params.at(-1) === 'i32') operands[operands.length - 1] = back
  return /** @type {Entry} */ ({ operands: () => operands })
}

/** @param {string[]} needs @returns {string[]} */
function withTheirNeeds(needs) {
  const wanted = new Set(needs.flatMap((kind) => [...withTheirNeeds(kinds[kind]?.needs ?? []), kind]))
  return Object.keys(kinds).filter((kind) => wanted.has(kind))
}

/** @type {Record<string, () => string>} */
export const stackExhaustionGuests = Object.fromEntries(
  [...enteredFunctions.keys()].map((iface) => [stackExhaustionGuestName(iface), () => guest(iface)]),
)
