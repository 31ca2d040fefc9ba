// How long a request to an actor takes while another actor floods that same actor's mailbox with all that its quota lets
// through, against the same request when nobody floods: the slowest of a hundred.
import { setTimeout as sleep } from 'node:timers/promises'
import { medians, printPair } from '../../../bench/pair.mjs'
import { anyRate, encoded, guest, withTree } from './message-rig.mjs'

const requests = 1000

await withTree(
  {
    echo: { component: guest('messages-echo'), subscribe: ['echo.*'], quotas: [anyRate] },
    // 1,000 messages a second, the default, and no more; it tries without a pause.
    flooder: { component: guest('messages-operator'), subscribe: ['cmd.flooder'], publish: ['echo.flood'] },
  },
  async (runtime) => {
    const result = await medians(5, {
      quiet: () => slowest(runtime),
      flooded: async () => {
        const flood = floodUntilTold(runtime)
        const p99 = await slowest(runtime)
        await flood.stop()
        return p99
      },
    })
    printPair({
      name: 'request to an actor that another one floods, 99th percentile',
      ours: result.flooded,
      baseline: result.quiet,
      unit: 'ns',
      of: 'the same when nobody floods',
      aim: { ratioMax: 2 },
    })
  },
)

/** Its answer would be refused like all the rest: it is told again before it is done. @param {import('bulkhead').Runtime} runtime */
function floodUntilTold(runtime) {
  const tell = () => runtime.publish('cmd.flooder', encoded('flood echo.flood 10000'))
  const again = setInterval(tell, 100)
  return {
    stop: async () => {
      clearInterval(again)
      while ((runtime.messages().children.find(({ child }) => child === 'flooder')?.depth ?? 0) > 0) await sleep(10)
    },
  }
}

/** @param {import('bulkhead').Runtime} runtime */
async function slowest(runtime) {
  const body = encoded('x'.repeat(100))
  const took = []
  for (let index = 0; index < requests; index += 1) {
    const began = process.hrtime.bigint()
    await runtime.request('echo.ask', body)
    took.push(Number(process.hrtime.bigint() - began))
  }
  return took.sort((a, b) => a - b)[Math.floor(requests * 0.99)] ?? Number.NaN
}
