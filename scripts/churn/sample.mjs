import { existsSync, readdirSync, readFileSync } from 'node:fs'

const bytesPerMiB = 1024 * 1024

/** What this process holds, after a collection: memory in MiB, the rest counted. @param {number} starts so far */
export async function sample(starts) {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  return {
    starts,
    heap: heapUsed / bytesPerMiB,
    external: external / bytesPerMiB,
    buffers: arrayBuffers / bytesPerMiB,
    rss: rss / bytesPerMiB,
    handles: process.getActiveResourcesInfo().length,
    listeners,
    descriptors: entriesOf('/proc/self/fd'),
    threads: entriesOf('/proc/self/task'),
    mappings: linesOf('/proc/self/maps'),
  }
}

/** Growth of each for 1,000 starts: the line through the samples that lies nearest to them. */
export function growth(samples) {
  const names = Object.keys(samples[0]).filter((name) => name !== 'starts')
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = samples.map(({ starts }) => starts / 1000)
  const middle = mean(x)
  const spread = x.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  const slope = (name) => {
    const y = samples.map((one) => one[name])
    const level = mean(y)
    return x.reduce((sum, value, at) => sum + (value - middle) * (y[at] - level), 0) / spread
  }
  return Object.fromEntries(names.map((name) => [name, slope(name)]))
}

function entriesOf(folder) {
  return existsSync(folder) ? readdirSync(folder).length : 0
}

function linesOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0
}
