// A plug-in that runs what it is given as its argument, with the functions of the interface in reach: what a test wants to
// ask is written beside what it expects.
import { change, count, echo, find, photo } from 'acme:crm/contacts@1.0.0'
import { getArguments } from 'wasi:cli/environment@0.2.12'
import { getStdout } from 'wasi:cli/stdout@0.2.12'

const functions = { change, count, echo, find, photo, print }

export const run = {
  run() {
    const [, source] = getArguments()
    new Function(...Object.keys(functions), source)(...Object.values(functions))
  },
}

function print(value) {
  const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))
  const stdout = getStdout()
  stdout.blockingWriteAndFlush(bytesOf(`${text}\n`))
  stdout[Symbol.dispose]()
}

function bytesOf(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0))
}
