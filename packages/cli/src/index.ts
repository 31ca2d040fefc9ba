export { main } from './main.js'
export { processTerminal } from './process-terminal.js'
export type { Screen, StopSignal, Terminal } from './terminal.js'
