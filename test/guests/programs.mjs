// The small guests: each does one thing that a well-behaved or a hostile program does.
import { commandModule, importFunction, textTable } from './prelude.mjs'

/** In the order of `wasi:sockets/network`'s `error-code`. */
const socketErrors = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
]

const streamRead = importFunction(
  'wasi:io/streams#[method]input-stream.blocking-read',
  'blocking_read',
  '(param i32 i64 i32)',
)
const getStdin = importFunction('wasi:cli/stdin#get-stdin', 'get_stdin', '(result i32)')

/** Its entry point returns `err`, which is no trap. */
function giveUp() {
  const text = textTable()
  const body = `(func $run (call $complain ${text.operands('I give up\n')}))`
  return commandModule({ text, body, ends: 'err' })
}

function hello() {
  const text = textTable()
  return commandModule({ text, body: `(func $run (call $print ${text.operands('hello\n')}))` })
}

/** stdin to stdout, byte for byte, in pieces of at most 4,096 bytes, which one `blocking-write-and-flush` takes. */
function echo() {
  return commandModule({
    text: textTable(),
    imports: [getStdin, streamRead],
    body: `(func $run (local $stdin i32)
      (local.set $stdin (call $get_stdin))
      (loop $more
        (global.set $free (i32.const 65536))
        (call $blocking_read (local.get $stdin) (i64.const 4096) (i32.const 32))
        (if (i32.eqz (i32.load8_u (i32.const 32)))
          (then
            (call $print (i32.load (i32.const 36)) (i32.load (i32.const 40)))
            (br $more)))))`,
  })
}

/** Says that it starts, then loops for ever without a host call. */
function spin() {
  const text = textTable()
  return commandModule({
    text,
    body: `(func $run (call $print ${text.operands('spinning\n')}) (call $spin_for_ever))
      (func $spin_for_ever (loop $again (br $again)))`,
  })
}

/** Explains itself on stderr, then executes `unreachable` two named frames down. */
function trap() {
  const text = textTable()
  return commandModule({
    text,
    body: `(func $run (call $complain ${text.operands('about to fail on purpose\n')}) (call $the_caller_of_the_failure))
      (func $the_caller_of_the_failure (call $the_failing_function))
      (func $the_failing_function (unreachable))`,
  })
}

/** @param {number} code */
function exitWith(code) {
  const text = textTable()
  return commandModule({
    text,
    body: `(func $run (call $print ${text.operands('leaving\n')}) (call $exit_with_code (i32.const ${code})))`,
  })
}

/** Grows its memory page by page until it may not (or has a gibibyte), writes into each page, and prints how many it got. */
function memoryHog() {
  const text = textTable()
  return commandModule({
    text,
    body: `(func $run (local $pages i32) (local $page i32)
      (block $full
        (loop $more
          (local.set $page (memory.grow (i32.const 1)))
          (br_if $full (i32.eq (local.get $page) (i32.const -1)))
          (i32.store (i32.mul (local.get $page) (i32.const 65536)) (i32.const 1))
          (local.set $pages (i32.add (local.get $pages) (i32.const 1)))
          (br_if $more (i32.lt_u (local.get $pages) (i32.const 16384)))))
      (call $print_number (local.get $pages))
      (call $print ${text.operands(' pages\n')}))`,
  })
}

/** Tries to reach 127.0.0.1:80. Prints where it was stopped and by what error; exits 0 if denied, 7 if connected, 8 otherwise. */
function socketsConnect() {
  const text = textTable()
  const names = socketErrors
    .map(
      (name, code) =>
        `(if (i32.eq (local.get $code) (i32.const ${code})) (then (call $print ${text.operands(`${name}\n`)})))`,
    )
    .join('\n      ')
  const stopped = (/** @type {string} */ step) => `(call $stopped_at ${text.operands(`${step} `)})`
  return commandModule({
    text,
    imports: [
      importFunction('wasi:sockets/instance-network#instance-network', 'instance_network', '(result i32)'),
      importFunction('wasi:sockets/tcp-create-socket#create-tcp-socket', 'create_tcp_socket', '(param i32 i32)'),
      importFunction(
        'wasi:sockets/tcp#[method]tcp-socket.start-connect',
        'start_connect',
        '(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)',
      ),
      importFunction('wasi:sockets/tcp#[method]tcp-socket.finish-connect', 'finish_connect', '(param i32 i32)'),
      importFunction('wasi:sockets/tcp#[method]tcp-socket.subscribe', 'subscribe', '(param i32) (result i32)'),
      importFunction('wasi:io/poll#[method]pollable.block', 'block', '(param i32)'),
    ],
    body: `(func $run (local $network i32) (local $socket i32) (local $pollable i32)
      (local.set $network (call $instance_network))
      (call $create_tcp_socket (i32.const 0) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then ${stopped('create-tcp-socket')}))
      (local.set $socket (i32.load (i32.const 36)))
      (call $start_connect (local.get $socket) (local.get $network)
        (i32.const 0) (i32.const 80) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 36))
      (if (i32.load8_u (i32.const 36)) (then (i32.store8 (i32.const 36) (i32.load8_u (i32.const 37))) ${stopped('start-connect')}))
      (local.set $pollable (call $subscribe (local.get $socket)))
      (call $block (local.get $pollable))
      (call $finish_connect (local.get $socket) (i32.const 32))
      (if (i32.load8_u (i32.const 32)) (then ${stopped('finish-connect')}))
      (call $print ${text.operands('connected\n')})
      (call $exit_with_code (i32.const 7)))
    (func $stopped_at (param $pointer i32) (param $length i32) (local $code i32)
      (local.set $code (i32.load8_u (i32.const 36)))
      (call $print (local.get $pointer) (local.get $length))
      ${names}
      (if (i32.eq (local.get $code) (i32.const 1)) (then (call $exit_with_code (i32.const 0))))
      (call $exit_with_code (i32.const 8)))`,
  })
}

/** What every forger imports: files, streams and pollables, honestly typed, so that nothing is found before it runs. */
const forgerImports = [
  importFunction('wasi:filesystem/preopens#get-directories', 'get_directories', '(param i32)'),
  importFunction('wasi:filesystem/types#[method]descriptor.stat', 'stat', '(param i32 i32)'),
  importFunction('wasi:filesystem/types#[method]descriptor.get-type', 'get_type', '(param i32 i32)'),
  importFunction(
    'wasi:filesystem/types#[method]descriptor.link-at',
    'link_at',
    '(param i32 i32 i32 i32 i32 i32 i32 i32)',
  ),
  importFunction(
    'wasi:filesystem/types#[method]descriptor.is-same-object',
    'is_same_object',
    '(param i32 i32) (result i32)',
  ),
  importFunction('wasi:filesystem/types#[resource-drop]descriptor', 'drop_descriptor', '(param i32)'),
  importFunction('wasi:clocks/monotonic-clock#subscribe-duration', 'subscribe_duration', '(param i64) (result i32)'),
  importFunction('wasi:io/poll#poll', 'poll', '(param i32 i32 i32)'),
  importFunction('wasi:io/poll#[resource-drop]pollable', 'drop_pollable', '(param i32)'),
]

/**
 * Does an honest call, says so, then calls the host with a handle that it was never given.
 * @param {string} crime instructions; `$directory` is a descriptor it does hold
 */
function forger(crime) {
  const text = textTable()
  return commandModule({
    text,
    imports: forgerImports,
    body: `(func $run (local $directory i32) (local $pollable i32)
      (call $get_directories (i32.const 32))
      (if (i32.eqz (i32.load (i32.const 36)))
        (then (call $print ${text.operands('no directory\n')}) (call $exit_with_code (i32.const 9))))
      (local.set $directory (i32.load (i32.load (i32.const 32))))
      (call $get_type (local.get $directory) (i32.const 48))
      (if (i32.load8_u (i32.const 48))
        (then (call $print ${text.operands('the honest call failed\n')}) (call $exit_with_code (i32.const 9))))
      (call $print ${text.operands('honest so far\n')})
      ${crime}
      (call $print ${text.operands('the host went along\n')}))`,
  })
}

/** Prints its exit status by doing nothing forbidden: the allowed neighbour of the forgers. */
const honestForger = '(call $stat (local.get $directory) (i32.const 64))'

const forgeries = {
  honest: honestForger,
  /** A number from the air. */
  never: '(call $stat (i32.const 4242) (i32.const 64))',
  /** One that was its own, after it gave it back. */
  dropped: '(call $drop_descriptor (local.get $directory)) (call $stat (local.get $directory) (i32.const 64))',
  /** One that it holds, of another type: a pollable as a descriptor. */
  'wrong-type': `(local.set $pollable (call $subscribe_duration (i64.const 0)))
      (call $drop_descriptor (local.get $directory))
      (call $stat (local.get $pollable) (i32.const 64))`,
  /** Not the receiver but an argument. */
  borrowed: `(call $link_at (local.get $directory) (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 4242)
      (i32.const 1025) (i32.const 1) (i32.const 64))`,
  'same-object': '(drop (call $is_same_object (local.get $directory) (i32.const 4242)))',
  /** An element of a list. */
  polled: '(i32.store (i32.const 64) (i32.const 4242)) (call $poll (i32.const 64) (i32.const 1) (i32.const 72))',
}

/** @type {Record<string, () => string>} File name without `.wasm` → WAT of the core module. */
export const programs = {
  hello,
  'give-up': giveUp,
  echo,
  spin,
  trap,
  'exit-code': () => exitWith(33),
  'memory-hog': memoryHog,
  'sockets-connect': socketsConnect,
  ...Object.fromEntries(
    Object.entries(forgeries).map(([name, crime]) => [`forged-handle-${name}`, () => forger(crime)]),
  ),
}

export const forgeryNames = Object.keys(forgeries).filter((name) => name !== 'honest')
