// The entry of a process with one actor. Its first thread is this bridge: it speaks with the host over inherited sockets
// and never runs a guest. The second is the ordinary actor worker, which talks shared memory to the bridge, as it would to
// a host.
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openSharedChannel } from '../shared-channel.js'
import { Bridge } from './bridge-run.js'
import { descriptorOf } from './child-layout.js'

const workerEntry = process.argv[2] ?? 'worker.bundled.js'
const open = (descriptor: number): Socket => new Socket({ fd: descriptor, readable: true, writable: true })

new Bridge({
  channel: openSharedChannel(fileURLToPath(new URL(workerEntry, import.meta.url))),
  control: open(descriptorOf.control),
  stdin: open(descriptorOf.stdin),
  stdout: open(descriptorOf.stdout),
  stderr: open(descriptorOf.stderr),
  http: open(descriptorOf.http),
  leave: (code) => process.exit(code),
}).run()
