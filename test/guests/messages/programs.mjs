// The small guests that handle messages, written against `wasmcloud:messaging@0.2.0` alone: each does one thing that an
// actor does well or badly.

/** Where a host call leaves its result. */
const resultAt = 16
/** Where `handle-message` leaves its own: all zero, it went well. */
const handledAt = 64
const textAt = 128

const publishImport = `(import "wasmcloud:messaging/consumer@0.2.0" "publish"
    (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))`

/**
 * @param {{ text?: string, imports?: string, handle: string }} parts `handle` is the body of a function that is given
 * $subject, $subject_length, $body, $body_length, $has_reply_to, $reply_to and $reply_to_length
 */
function actorModule({ text = '', imports = publishImport, handle }) {
  return `(module
  ${imports}
  (memory (export "memory") 4)
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const ${textAt}) "${text}")
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
    (local.get $at))
  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param $subject i32) (param $subject_length i32) (param $body i32) (param $body_length i32)
    (param $has_reply_to i32) (param $reply_to i32) (param $reply_to_length i32) (result i32)
    ${handle}
    (i32.const ${handledAt}))
  ;; After each message its memory is used again.
  (func (export "cabi_post_wasmcloud:messaging/handler@0.2.0#handle-message") (param i32)
    (global.set $free (i32.const 65536))))`
}

/** Publishes the message's body, without a reply-to. @param {string} subject `pointer length` operands */
function publishBody(subject) {
  return `(call $publish ${subject} (local.get $body) (local.get $body_length)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${resultAt}))`
}

/** @param {string} text */
function operands(text) {
  return `(i32.const ${textAt}) (i32.const ${text.length})`
}

/** Answers each request with its own body. */
function echo() {
  return actorModule({
    handle: `(if (local.get $has_reply_to)
      (then ${publishBody('(local.get $reply_to) (local.get $reply_to_length)')}))`,
  })
}

/** Handles whatever comes and does nothing with it. */
function sink() {
  return actorModule({ imports: '', handle: '' })
}

/** Returns an error for each message. */
function failing() {
  const text = 'this message is not to my taste'
  return actorModule({
    imports: '',
    text,
    handle: `(i32.store8 (i32.const ${handledAt}) (i32.const 1))
    (i32.store (i32.const ${handledAt + 4}) (i32.const ${textAt}))
    (i32.store (i32.const ${handledAt + 8}) (i32.const ${text.length}))`,
  })
}

function trapping() {
  return actorModule({ imports: '', handle: '(unreachable)' })
}

function spinning() {
  return actorModule({ imports: '', handle: '(loop $again (br $again))' })
}

/** From its first message on publishes to `flood.all` without end, whatever it is told. */
function flooding() {
  const text = 'flood.all'
  return actorModule({ text, handle: `(loop $again ${publishBody(operands(text))} (br $again))` })
}

/** Answers to an inbox that nobody told it of, then to a topic of the host; then tells the one that asked how both went. */
function forging() {
  const inbox = '_inbox.1.AAAAAAAAAAAAAAAAAAAAAA'
  const system = '$sys.shutdown'
  return actorModule({
    text: `${inbox}${system}`,
    handle: `${publishBody(operands(inbox))}
    (i32.store8 (local.get $body) (i32.add (i32.const 48) (i32.load8_u (i32.const ${resultAt}))))
    ${publishBody(`(i32.const ${textAt + inbox.length}) (i32.const ${system.length})`)}
    (i32.store8 offset=1 (local.get $body) (i32.add (i32.const 48) (i32.load8_u (i32.const ${resultAt}))))
    (if (i32.and (local.get $has_reply_to) (i32.gt_u (local.get $body_length) (i32.const 1)))
      (then (local.set $body_length (i32.const 2)) ${publishBody('(local.get $reply_to) (local.get $reply_to_length)')}))`,
  })
}

/**
 * For measurements. The message's body is `p` or `q`, and at 4 and 8 how often and how many bytes: publishes so much to
 * `bench.out`, each until it is sent, or asks `bench.ask`; then answers the message.
 */
function driving() {
  const [out, ask] = ['bench.out', 'bench.ask']
  const payload = '(i32.const 196608) (i32.load offset=8 align=1 (local.get $body))'
  return actorModule({
    text: `${out}${ask}`,
    imports: `${publishImport}
  (import "wasmcloud:messaging/consumer@0.2.0" "request" (func $request (param i32 i32 i32 i32 i32 i32)))`,
    handle: `(local $left i32) (local $kept i32)
    (local.set $left (i32.load offset=4 align=1 (local.get $body)))
    (local.set $kept (global.get $free))
    (if (local.get $left) (then (loop $again
      (global.set $free (local.get $kept))
      (if (i32.eq (i32.load8_u (local.get $body)) (i32.const 112))
        (then (call $publish ${operands(out)} ${payload}
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${resultAt})))
        (else (call $request (i32.const ${textAt + out.length}) (i32.const ${ask.length}) ${payload}
          (i32.const 20000) (i32.const ${resultAt}))))
      (br_if $again (i32.load8_u (i32.const ${resultAt})))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
    (if (local.get $has_reply_to)
      (then ${publishBody('(local.get $reply_to) (local.get $reply_to_length)')}))`,
  })
}

/** Publishes the message's body to `deep.end` from as many frames down as its first four bytes say. */
function descending() {
  const text = 'deep.end'
  const words = Array.from({ length: 12 }, (_, index) => `$word${index}`)
  return actorModule({
    text,
    imports: `${publishImport}
  (func $descend (param $left i32) (param $body i32) (param $body_length i32)
    ${words.map((word) => `(param ${word} i64)`).join(' ')}
    (if (i32.eqz (local.get $left))
      (then ${publishBody(operands(text))})
      (else (call $descend (i32.sub (local.get $left) (i32.const 1)) (local.get $body) (local.get $body_length)
        ${words.map((word) => `(local.get ${word})`).join(' ')}))))`,
    handle: `(call $descend (i32.load align=1 (local.get $body)) (local.get $body) (local.get $body_length)
      ${words.map((_, index) => `(i64.const ${index})`).join(' ')})`,
  })
}

/** Name of the guest → its module. */
export const messagePrograms = {
  'messages-echo': echo,
  'messages-sink': sink,
  'messages-failing': failing,
  'messages-trapping': trapping,
  'messages-spinning': spinning,
  'messages-flooding': flooding,
  'messages-forging': forging,
  'messages-driving': driving,
  'messages-descending': descending,
}
