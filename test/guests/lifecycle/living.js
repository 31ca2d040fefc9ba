// Says of itself what it was told to say. What it is started with comes from its configuration.

import { getStdout } from 'wasi:cli/stdout@0.2.12'
import { get } from 'wasi:config/store@0.2.0-rc.1'

let mood = 'well'
let asked = 0

function print(text) {
  getStdout().blockingWriteAndFlush(Uint8Array.from(text, (char) => char.charCodeAt(0)))
}

export const lifecycle = {
  init: () => {
    if (get('init') === 'fail') throw 'no \u001b[31mledger\nto open'
    print('init\n')
  },
  health: () => {
    asked += 1
    if (mood === 'ill') throw 'the ledger is torn'
    if (mood === 'hang') for (;;);
  },
  shutdown: () => {
    print('shutdown\n')
    if (mood === 'lingering') for (;;);
  },
}

export const feel = (as) => {
  mood = as
}
export const timesAsked = () => asked
export const spin = () => {
  for (;;);
}
