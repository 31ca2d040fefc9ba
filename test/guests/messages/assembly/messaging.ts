// `wasmcloud:messaging@0.2.0` for guests in AssemblyScript: the functions that a component's core module imports and
// exports, in the shape that the canonical ABI gives them, and their plain counterparts.

@external('wasmcloud:messaging/consumer@0.2.0', 'publish')
declare function loweredPublish(
  subject: usize, subjectLength: i32, body: usize, bodyLength: i32,
  hasReplyTo: i32, replyTo: usize, replyToLength: i32, result: usize,
): void
@external('wasmcloud:messaging/consumer@0.2.0', 'request')
declare function loweredRequest(
  subject: usize, subjectLength: i32, body: usize, bodyLength: i32, timeoutMs: u32, result: usize,
): void

export class Message {
  constructor(readonly subject: string, readonly body: string, readonly replyTo: string | null) {}
}

/** Exactly one of both is there. */
export class Answer {
  constructor(readonly message: Message | null, readonly error: string | null) {}
}

const result: usize = memory.data(32, 4)
const handled: usize = memory.data(12, 4)
/** What the host was lent during this message: its strings lie there. */
const lent: usize[] = []

/** @returns why not, or `null` when it was sent */
export function publish(subject: string, body: string, replyTo: string | null = null): string | null {
  const subjectBytes = String.UTF8.encode(subject)
  const bodyBytes = String.UTF8.encode(body)
  const replyToBytes = String.UTF8.encode(replyTo === null ? '' : replyTo)
  loweredPublish(
    changetype<usize>(subjectBytes), subjectBytes.byteLength,
    changetype<usize>(bodyBytes), bodyBytes.byteLength,
    replyTo === null ? 0 : 1, changetype<usize>(replyToBytes), replyToBytes.byteLength,
    result,
  )
  return load<u8>(result) == 0 ? null : text(load<usize>(result + 4), load<i32>(result + 8))
}

export function request(subject: string, body: string, timeoutMs: u32): Answer {
  const subjectBytes = String.UTF8.encode(subject)
  const bodyBytes = String.UTF8.encode(body)
  loweredRequest(
    changetype<usize>(subjectBytes), subjectBytes.byteLength,
    changetype<usize>(bodyBytes), bodyBytes.byteLength,
    timeoutMs, result,
  )
  const first = load<usize>(result + 4)
  const firstLength = load<i32>(result + 8)
  if (load<u8>(result) != 0) return new Answer(null, text(first, firstLength))
  return new Answer(
    received(
      first, firstLength, load<usize>(result + 12), load<i32>(result + 16),
      load<u8>(result + 20), load<usize>(result + 24), load<i32>(result + 28),
    ),
    null,
  )
}

export function received(
  subject: usize, subjectLength: i32, body: usize, bodyLength: i32,
  hasReplyTo: i32, replyTo: usize, replyToLength: i32,
): Message {
  return new Message(
    text(subject, subjectLength), text(body, bodyLength), hasReplyTo == 0 ? null : text(replyTo, replyToLength),
  )
}

/** Where the host finds how a message was handled: well, or with this error. */
export function handledWith(error: string | null): usize {
  store<u8>(handled, error === null ? 0 : 1)
  if (error !== null) {
    const bytes = String.UTF8.encode(error)
    const at = cabi_realloc(0, 0, 1, bytes.byteLength)
    memory.copy(at, changetype<usize>(bytes), bytes.byteLength)
    store<usize>(handled + 4, at)
    store<i32>(handled + 8, bytes.byteLength)
  }
  return handled
}

/** The host has read the result: nothing of this message is needed any more. */
export function cleanUp(_handled: usize): void {
  while (lent.length > 0) heap.free(lent.pop())
}

export function cabi_realloc(old: usize, oldLength: i32, align: i32, length: i32): usize {
  if (length == 0) return align
  const at = old == 0 ? heap.alloc(length) : heap.realloc(old, length)
  if (at != old) {
    const index = old == 0 ? -1 : lent.indexOf(old)
    if (index == -1) lent.push(at)
    else lent[index] = at
  }
  return at
}

function text(at: usize, length: i32): string {
  return String.UTF8.decodeUnsafe(at, length)
}
