import type { InterfaceImplementation } from '../link.js'

/** `wasi:cli/terminal-*`: a guest never has a terminal, so it is told of none. */
export const cliTerminals: readonly InterfaceImplementation[] = [
  { name: 'wasi:cli/terminal-input', functions: {} },
  { name: 'wasi:cli/terminal-output', functions: {} },
  { name: 'wasi:cli/terminal-stdin', functions: { 'get-terminal-stdin': () => undefined } },
  { name: 'wasi:cli/terminal-stdout', functions: { 'get-terminal-stdout': () => undefined } },
  { name: 'wasi:cli/terminal-stderr', functions: { 'get-terminal-stderr': () => undefined } },
]
