// Does with messages whatever it is told to. A command is one line of words with a space between them; the last argument
// takes the rest of the line. As an actor it is told by a message's body, and answers where the message asks for one; as
// a command component by its arguments, a line each, and prints the answers.
//
//   publish TOPIC BODY                 → ok, or the error
//   publish-as TOPIC REPLY-TO BODY     the same with a reply-to of its own
//   request TOPIC TIMEOUT-MS BODY      → = and the body of the answer, or the error
//   burst TOPIC FIRST COUNT BYTES [MAYBE [TRAP]]
//                                      publishes `work ID` for COUNT ids; prints `try ID` before and `sent ID` or
//                                      `refused ID ERROR` after each → how many were sent. The id MAYBE is sent as
//                                      `maybe ID`; after publishing the id TRAP it traps, before it has said so; after
//                                      `try` of an id that stands there as a negative number it traps as well
//   flood TOPIC COUNT [BODY]           → how many were sent, how many refused, and the last error
//   ping TOPIC COUNT                   requests COUNT times, one after the other → microseconds for each, on average
//   work ID                            prints `done ID`
//   maybe ID                           prints `begin ID`, then traps or prints `done ID`, as the clock will have it
//   print TEXT                         prints it
//   sleep MS                           waits for the clock
//   count                              → how often it was told to, in the life of this instance
//   keep · answer BODY                 remembers where this message's answer goes · answers the one kept
//   reply-twice                        answers two times → the second one's outcome is printed
//   fail WORD                          the handler returns this error
//   trap · spin · exit CODE            0 ends well, anything else does not
import { Message, publish, request } from 'messaging'
import { exit, now, print, sleep } from 'wasi'

let kept: string | null = null
let counted = 0

/** @returns the error that the handler returns */
export function handle(message: Message): string | null {
  const replyTo = message.replyTo
  const line = message.body.trimEnd()
  if (line.startsWith('fail ')) return line.substring(5)
  if (line == 'keep') {
    kept = replyTo
    return null
  }
  if (line == 'reply-twice' && replyTo !== null) {
    publish(replyTo, 'first')
    print(`second answer: ${outcome(publish(replyTo, 'second'))}`)
    return null
  }
  const answer = obey(line)
  if (replyTo === null) return null
  return publish(replyTo, answer)
}

export function obey(line: string): string {
  const words = line.split(' ')
  const name = words[0]
  if (name == 'publish') return outcome(publish(words[1], rest(words, 2)))
  if (name == 'publish-as') return outcome(publish(words[1], rest(words, 3), words[2]))
  if (name == 'request') return asked(words[1], <u32>parseInt(words[2]), rest(words, 3))
  if (name == 'burst') return burst(words)
  if (name == 'flood') return flood(words[1], <i32>parseInt(words[2]), words.length > 3 ? rest(words, 3) : 'flood')
  if (name == 'ping') return ping(words[1], <i32>parseInt(words[2]))
  if (name == 'answer') return answerKept(rest(words, 1))
  if (name == 'count') return (++counted).toString()
  // In pages of 64 KiB; answers with how many there were before, or -1.
  if (name == 'grow') return memory.grow(<i32>parseInt(words[1])).toString()
  if (name == 'maybe') {
    print(`begin ${words[1]}`)
    if ((now() / 1000) % 2 == 0) unreachable()
  }
  if (name == 'work' || name == 'maybe') print(`done ${words[1]}`)
  else if (name == 'print') print(rest(words, 1))
  else if (name == 'sleep') sleep(<i64>parseInt(words[1]))
  else if (name == 'trap') unreachable()
  else if (name == 'exit') exit(words[1] != '0')
  else if (name == 'spin') while (true) {}
  else return `no such command: ${name}`
  return 'ok'
}

function asked(topic: string, timeoutMs: u32, body: string): string {
  const answer = request(topic, body, timeoutMs)
  const message = answer.message
  return message === null ? outcome(answer.error) : `= ${message.body}`
}

function burst(words: string[]): string {
  const topic = words[1]
  const first = <i32>parseInt(words[2])
  const bytes = <i32>parseInt(words[4])
  const maybe = words.length > 5 ? <i32>parseInt(words[5]) : 0
  const trap = words.length > 6 ? <i32>parseInt(words[6]) : 0
  let sent = 0
  for (let id = first; id < first + <i32>parseInt(words[3]); id++) {
    print(`try ${id}`)
    if (id == -trap) unreachable()
    const error = publish(topic, `${id == maybe ? 'maybe' : 'work'} ${id} `.padEnd(bytes, '.'))
    if (id == trap) unreachable()
    if (error === null) sent++
    print(error === null ? `sent ${id}` : `refused ${id} ${error}`)
  }
  return sent.toString()
}

function flood(topic: string, count: i32, body: string): string {
  let sent = 0
  let last = ''
  for (let index = 0; index < count; index++) {
    const error = publish(topic, body)
    if (error === null) sent++
    else last = error
  }
  return `sent ${sent} refused ${count - sent} ${last}`.trimEnd()
}

function ping(topic: string, count: i32): string {
  const began = now()
  for (let index = 0; index < count; index++) {
    const error = request(topic, 'ping', 1000).error
    if (error !== null) return error
  }
  return ((now() - began) / 1000 / count).toString()
}

function answerKept(body: string): string {
  const replyTo = kept
  return replyTo === null ? 'nothing kept' : outcome(publish(replyTo, body))
}

function outcome(error: string | null): string {
  return error === null ? 'ok' : error
}

function rest(words: string[], from: i32): string {
  return words.slice(from).join(' ')
}
