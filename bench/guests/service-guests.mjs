// Guests that do one thing with a host service, again and again, and print what it cost them by their own clock: nanoseconds
// a call, in twelve decimal digits. In WAT, so that no language runtime is measured with it.
import { componentFromWat, wasiVersion } from '../../test/guests/component-from-wat.mjs'

const clock = `(import "wasi:clocks/monotonic-clock@${wasiVersion}" "subscribe-duration" (func $later (param i64) (result i32)))
  (import "wasi:io/poll@${wasiVersion}" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:clocks/monotonic-clock@${wasiVersion}" "now" (func $now (result i64)))
  (import "wasi:cli/stdout@${wasiVersion}" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@${wasiVersion}" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))`

// The heap begins at 64 KiB and starts anew with each call: nothing that the host hands over is kept.
const memory = `(memory (export "memory") 4)
  (global $heap (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))`

/** The same once, and then nothing for an hour: for whoever weighs it. */
const waiting = `(func (export "wasi:cli/run@${wasiVersion}#run") (result i32)
    (call $prepare)
    (call $once)
    (call $write (call $stdout) (i32.const 0) (i32.const 1) (i32.const 16))
    (call $block (call $later (i64.const 3600000000000)))
    (i32.const 0))`

/** @param {number} calls 0: once, and then it waits */
const run = (calls) => (calls === 0 ? waiting : measured(calls))

/** @param {number} calls */
const measured = (
  calls,
) => `(func (export "wasi:cli/run@${wasiVersion}#run") (result i32) (local $n i32) (local $began i64) (local $cost i64)
    (call $prepare)
    ;; Eight calls that are not counted: who comes first opens the way.
    (loop $warm (call $once)
      (br_if $warm (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8))))
    (local.set $n (i32.const 0))
    (local.set $began (call $now))
    (loop $again (call $once)
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${calls}))))
    (local.set $cost (i64.div_u (i64.sub (call $now) (local.get $began)) (i64.const ${calls})))
    (local.set $n (i32.const 12))
    (loop $digit
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (i32.store8 (local.get $n) (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $cost) (i64.const 10)))))
      (local.set $cost (i64.div_u (local.get $cost) (i64.const 10)))
      (br_if $digit (local.get $n)))
    (call $write (call $stdout) (i32.const 0) (i32.const 12) (i32.const 16))
    (i32.const 0))`

const keyValueWorld = `world storing {
  include wasi:cli/imports@${wasiVersion};
  import wasi:keyvalue/store@0.2.0-draft;
  export wasi:cli/run@${wasiVersion};
}
`

/**
 * Gets, or sets, one value of 100 bytes in the bucket `default`.
 *
 * @param {'get' | 'set'} operation @param {number} calls
 */
export function keyValueGuest(operation, calls) {
  const once =
    operation === 'get'
      ? `(call $get (global.get $bucket) (i32.const 256) (i32.const 3) (i32.const 64))`
      : `(call $set (global.get $bucket) (i32.const 256) (i32.const 3) (i32.const 512) (i32.const 100) (i32.const 64))`
  const store = 'wasi:keyvalue/store@0.2.0-draft'
  return componentFromWat(
    `(module
  ${clock}
  (import "${store}" "open" (func $open (param i32 i32 i32)))
  (import "${store}" "[method]bucket.get" (func $get (param i32 i32 i32 i32)))
  (import "${store}" "[method]bucket.set" (func $set (param i32 i32 i32 i32 i32 i32)))
  ${memory}
  (data (i32.const 256) "key")
  (data (i32.const 288) "default")
  (global $bucket (mut i32) (i32.const 0))
  (func $prepare
    (call $open (i32.const 288) (i32.const 7) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (global.set $bucket (i32.load (i32.const 68)))
    (call $set (global.get $bucket) (i32.const 256) (i32.const 3) (i32.const 512) (i32.const 100) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable)))
  (func $once
    (global.set $heap (i32.const 65536))
    ${once}
    (if (i32.load8_u (i32.const 64)) (then unreachable)))
  ${run(calls)})`,
    'storing',
    { worlds: keyValueWorld, packages: '' },
  )
}

/**
 * Fetches `http://127.0.0.1:PORT/` and reads the whole body, one after the other.
 *
 * @param {number} port @param {number} calls
 */
export function fetchGuest(port, calls) {
  const authority = `127.0.0.1:${port}`
  const types = `wasi:http/types@${wasiVersion}`
  return componentFromWat(`(module
  ${clock}
  (import "${types}" "[constructor]fields" (func $fields (result i32)))
  (import "${types}" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "${types}" "[method]outgoing-request.set-scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "${types}" "[method]outgoing-request.set-authority" (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "${types}" "[method]outgoing-request.set-path-with-query" (func $path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@${wasiVersion}" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "${types}" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
  (import "${types}" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "${types}" "[method]incoming-response.consume" (func $consume (param i32 i32)))
  (import "${types}" "[method]incoming-body.stream" (func $stream (param i32 i32)))
  (import "wasi:io/poll@${wasiVersion}" "[resource-drop]pollable" (func $dropPollable (param i32)))
  (import "wasi:io/streams@${wasiVersion}" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@${wasiVersion}" "[resource-drop]input-stream" (func $dropStream (param i32)))
  (import "${types}" "[resource-drop]incoming-body" (func $dropBody (param i32)))
  (import "${types}" "[resource-drop]incoming-response" (func $dropResponse (param i32)))
  (import "${types}" "[resource-drop]future-incoming-response" (func $dropFuture (param i32)))
  ${memory}
  (data (i32.const 240) "/")
  (data (i32.const 256) "${authority}")
  (func $prepare)
  (func $once (local $request i32) (local $future i32) (local $pollable i32) (local $response i32) (local $body i32) (local $stream i32)
    (global.set $heap (i32.const 65536))
    (local.set $request (call $request (call $fields)))
    ;; The scheme: some(HTTP).
    (if (call $scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)) (then unreachable))
    (if (call $authority (local.get $request) (i32.const 1) (i32.const 256) (i32.const ${authority.length})) (then unreachable))
    (if (call $path (local.get $request) (i32.const 1) (i32.const 240) (i32.const 1)) (then unreachable))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (local.set $future (i32.load (i32.const 72)))
    (local.set $pollable (call $subscribe (local.get $future)))
    (call $block (local.get $pollable))
    (call $dropPollable (local.get $pollable))
    (loop $early
      (call $get (local.get $future) (i32.const 64))
      (br_if $early (i32.eqz (i32.load8_u (i32.const 64)))))
    (if (i32.load8_u (i32.const 72)) (then unreachable))
    (if (i32.load8_u (i32.const 80)) (then unreachable))
    (local.set $response (i32.load (i32.const 88)))
    (call $consume (local.get $response) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (local.set $body (i32.load (i32.const 68)))
    (call $stream (local.get $body) (i32.const 64))
    (if (i32.load8_u (i32.const 64)) (then unreachable))
    (local.set $stream (i32.load (i32.const 68)))
    ;; Until the stream says that it is at its end.
    (loop $more
      (call $read (local.get $stream) (i64.const 65536) (i32.const 64))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 64)))))
    (call $dropStream (local.get $stream))
    (call $dropBody (local.get $body))
    (call $dropResponse (local.get $response))
    (call $dropFuture (local.get $future)))
  ${run(calls)})`)
}

/** Waits, and has never used a host service. */
export function idleGuest() {
  return componentFromWat(`(module
  ${clock}
  ${memory}
  (func $prepare)
  (func $once)
  ${waiting})`)
}

/** Answers every request with status 200 and the text `hello`. */
export function answeringGuest() {
  const types = `wasi:http/types@${wasiVersion}`
  return componentFromWat(
    `(module
  (import "${types}" "[constructor]fields" (func $fields (result i32)))
  (import "${types}" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "${types}" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "${types}" "[method]outgoing-body.write" (func $open (param i32 i32)))
  (import "${types}" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "${types}" "[static]response-outparam.set" (func $answer (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "${types}" "[resource-drop]incoming-request" (func $dropRequest (param i32)))
  (import "wasi:io/streams@${wasiVersion}" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@${wasiVersion}" "[resource-drop]output-stream" (func $dropStream (param i32)))
  ${memory}
  (data (i32.const 256) "hello")
  (func (export "wasi:http/incoming-handler@${wasiVersion}#handle") (param $request i32) (param $to i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (global.set $heap (i32.const 65536))
    (local.set $response (call $response (call $fields)))
    (call $body (local.get $response) (i32.const 64))
    (local.set $body (i32.load (i32.const 68)))
    (call $answer (local.get $to) (i32.const 0) (local.get $response) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0))
    (call $open (local.get $body) (i32.const 64))
    (local.set $stream (i32.load (i32.const 68)))
    (call $write (local.get $stream) (i32.const 256) (i32.const 5) (i32.const 64))
    (call $dropStream (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64))
    (call $dropRequest (local.get $request))))`,
    'service',
  )
}
