// What uses the network: a command in JavaScript that does what its arguments ask of it, one after the other.
import { readFileSync } from 'node:fs'
import { wasiVersion } from '../component-from-wat.mjs'

const world = `world scripted-networker {
  import wasi:cli/environment@${wasiVersion};
  import wasi:cli/stdin@${wasiVersion};
  import wasi:cli/stdout@${wasiVersion};
  import wasi:clocks/monotonic-clock@${wasiVersion};
  import wasi:io/poll@${wasiVersion};
  import wasi:sockets/instance-network@${wasiVersion};
  import wasi:sockets/ip-name-lookup@${wasiVersion};
  import wasi:sockets/tcp-create-socket@${wasiVersion};
  import wasi:sockets/tcp@${wasiVersion};
  import wasi:sockets/udp-create-socket@${wasiVersion};
  import wasi:sockets/udp@${wasiVersion};
  import wasi:http/outgoing-handler@${wasiVersion};
  import wasi:http/types@${wasiVersion};
  export wasi:cli/run@${wasiVersion};
}`

/** @param {URL[]} common @returns {{ name: string, sources: URL[], make: () => Promise<Uint8Array> }[]} */
export function networkGuests(common) {
  const source = new URL('./operator.js', import.meta.url)
  const tool = new URL('../messages/component-from-javascript.mjs', import.meta.url)
  return [
    {
      name: 'network-operator',
      sources: [...common, source, tool, new URL(import.meta.url)],
      make: async () => {
        const { componentFromJavaScript } = await import('../messages/component-from-javascript.mjs')
        const more = { worlds: world, packages: '' }
        return componentFromJavaScript(readFileSync(source, 'utf8'), 'scripted-networker', more)
      },
    },
  ]
}
