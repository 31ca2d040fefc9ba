import { GuestExit } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'

/** `wasi:cli/exit`. */
export const cliExit: InterfaceImplementation = {
  name: 'wasi:cli/exit',
  functions: {
    exit: (status: { readonly tag: 'ok' | 'err' }) => {
      throw new GuestExit(status.tag === 'ok' ? 0 : 1)
    },
    'exit-with-code': (code: number) => {
      throw new GuestExit(code)
    },
  },
}
