// The least worker: it says that it runs, then waits.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', () => {})
parentPort?.postMessage({ kind: 'ready' })
