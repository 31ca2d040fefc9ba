;; Tries to reach a web server over wasi:sockets, which no manifest of the tour grants, and says how that went.
;; A core module against the canonical ABI; the tour turns it into a component.
(module
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
    (func $write_and_flush (param i32 i32 i32 i32)))
  (import "wasi:cli/exit@0.2.12" "exit-with-code" (func $exit_with_code (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.12" "now" (func $now (result i64)))
  (import "wasi:sockets/instance-network@0.2.12" "instance-network" (func $instance_network (result i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.12" "create-tcp-socket" (func $create_tcp_socket (param i32 i32)))
  ;; socket, network, then the remote address: the case ipv4 (0), port, four bytes, padding up to the case ipv6; result.
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.start-connect"
    (func $start_connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))

  (memory (export "memory") 2)
  (global $stdout (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 65536))
  (data (i32.const 1024) "connect tcp 93.184.215.14:443    ")
  (data (i32.const 1088) "access-denied")
  (data (i32.const 1120) "another error")
  (data (i32.const 1152) "ESCAPED: connecting")
  (data (i32.const 1184) "    ")
  (data (i32.const 1192) " us\n")

  (func $allocate (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func $print (param $at i32) (param $length i32)
    (call $write_and_flush (global.get $stdout) (local.get $at) (local.get $length) (i32.const 16)))

  (func $print_number (param $value i64) (local $at i32)
    (local.set $at (i32.const 320))
    (loop $digits
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10)))))
      (local.set $value (i64.div_u (local.get $value) (i64.const 10)))
      (br_if $digits (i64.ne (local.get $value) (i64.const 0))))
    (call $print (local.get $at) (i32.sub (i32.const 320) (local.get $at))))

  ;; The outcome, the time since $since in microseconds, and the end: 0 when it was denied, 1 when it was not.
  (func $tell (param $denied i32) (param $code i32) (param $since i64) (local $took i64)
    (local.set $took (i64.div_u (i64.sub (call $now) (local.get $since)) (i64.const 1000)))
    (call $print (i32.const 1024) (i32.const 33))
    (if (local.get $denied)
      (then
        (if (i32.eq (local.get $code) (i32.const 1))
          (then (call $print (i32.const 1088) (i32.const 13)))
          (else (call $print (i32.const 1120) (i32.const 13)))))
      (else (call $print (i32.const 1152) (i32.const 19))))
    (call $print (i32.const 1184) (i32.const 4))
    (call $print_number (local.get $took))
    (call $print (i32.const 1192) (i32.const 4))
    (call $exit_with_code (i32.or (i32.eqz (local.get $denied)) (i32.ne (local.get $code) (i32.const 1)))))

  (func (export "wasi:cli/run@0.2.12#run") (result i32) (local $since i64)
    (global.set $stdout (call $get_stdout))
    (local.set $since (call $now))
    (call $create_tcp_socket (i32.const 0) (i32.const 32))
    (if (i32.load8_u (i32.const 32))
      (then (call $tell (i32.const 1) (i32.load8_u (i32.const 36)) (local.get $since))))
    (call $start_connect (i32.load (i32.const 36)) (call $instance_network)
      (i32.const 0) (i32.const 443) (i32.const 93) (i32.const 184) (i32.const 215) (i32.const 14)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 48))
    (call $tell (i32.load8_u (i32.const 48)) (i32.load8_u (i32.const 49)) (local.get $since))
    (i32.const 0)))
