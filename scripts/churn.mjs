// `npm run bench:churn -- [--minutes N]`: children of a real tree are added, called, ended, deleted, crashed and started
// again, and programs run once, all the time; what the process holds is looked at between. At the end stands by how much
// each figure grew for 1,000 starts, over the second half of the time: the first one fills what is bounded (the ring of
// events, pools of threads, the compiler's caches). Whether that is a leak is for the reader: a figure that grows in the same way
// in a run ten times as long.
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createTestRuntime, guestFile } from '../test/support/test-runtime.mjs'
import { growth, sample } from './churn/sample.mjs'
import { writeChurnTree } from './churn/tree.mjs'

const { values } = parseArgs({ options: /** @type {const} */ ({ minutes: { type: 'string' } }) })
const minutes = Math.min(60, Number(values.minutes ?? 1))
const samplesWanted = 24
const callsEach = 5
const timeoutMs = 60_000

const { file, folder, newcomer } = writeChurnTree()
const runtime = await createTestRuntime({ tree: file })
let rounds = 0
let starts = 0
runtime.on('health', ({ type }) => {
  if (type === 'child.ready') starts++
})

const work = new TextEncoder().encode('count')
const kindOf = ({ kind, ...rest }, wanted) => {
  if (kind !== wanted) throw new Error(`expected ${wanted}, found ${kind} ${JSON.stringify(rest)}`)
  return rest
}
const ask = async (topic) => {
  for (let call = 0; call < callsEach; call++) await runtime.request(topic, work, { timeoutMs })
}

/** Each way to begin and to end, side by side. */
async function round() {
  rounds++
  await Promise.all([changeMembers(), changeGuests(), turn(), crash(), runOnce()])
}

async function changeMembers() {
  const { child } = kindOf(await runtime.startChild('crew', {}), 'started')
  await ask('crew.do')
  kindOf(await runtime.terminateChild('crew', child), 'terminated')
}

async function changeGuests() {
  const id = `guest-${rounds}`
  kindOf(await runtime.startChild('guests', { id, ...newcomer }), 'started')
  await ask('guest.do')
  kindOf(await runtime.terminateChild('guests', id), 'terminated')
  kindOf(await runtime.deleteChild('guests', id), 'deleted')
}

async function turn() {
  kindOf(await runtime.terminateChild('root', 'turned'), 'terminated')
  kindOf(await runtime.restartChild('root', 'turned'), 'started')
  await ask('turned.do')
}

async function crash() {
  const isUp = runtime
    .children()
    .some(({ id, state }) => id === 'callee' && (state === 'running' || state === 'dormant'))
  if (!isUp) return
  await runtime.call('callee', 'greet', ['you'])
  await runtime.call('callee', 'boom').catch(() => {})
}

async function runOnce() {
  if ((await runtime.exec(guestFile('hello'))).exitCode !== 0) throw new Error('the program did not end well')
}

const beganMs = performance.now()
const elapsedMinutes = () => (performance.now() - beganMs) / 60_000
const samples = []
console.log(`churn of ${minutes} min`)
while (elapsedMinutes() < minutes) {
  await round()
  if (elapsedMinutes() < (samples.length * minutes) / samplesWanted) continue
  const now = await sample(starts + rounds)
  samples.push(now)
  console.log(`${elapsedMinutes().toFixed(1)} min  ${told(now)}`)
}
await runtime.stop()
await sleep(500)
const left = await sample(starts + rounds)
console.log(`stopped  ${told(left)}`)
rmSync(folder, { recursive: true, force: true })

const later = samples.slice(samples.length >> 1)
console.log(`\n${left.starts} starts in ${rounds} rounds; growth for 1,000 starts, second half:`)
console.log(told(growth(later)))

function told(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(2)}`)
    .join('  ')
}
