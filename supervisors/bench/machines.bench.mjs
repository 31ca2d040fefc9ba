// What supervision itself costs, on simulated children: an event that reaches a child's machine through its tree, and a group
// of a thousand that is stopped and started again. Nothing runs but the machines.
import { StormGuard, SupervisionTree } from '@bulkhead/supervisors'
import { parseChildId, systemClock } from '@bulkhead/vocabulary'
import { assign, createActor, setup } from 'xstate'
import { medians, nsPerCall, printPair } from '../../bench/pair.mjs'

const crowd = 1_000
const events = 20_000
const usage = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 }

/** The guard lets twenty restarts a second through, which is a rule and not a cost. */
class OpenGuard extends StormGuard {
  take() {
    return 0
  }

  delayMs() {
    return 0
  }
}

const observer = setup({}).createMachine({
  context: { last: undefined },
  initial: 'running',
  states: { running: { on: { observed: { actions: assign(({ event }) => ({ last: event.observation })) } } } },
})

const twoStates = setup({}).createMachine({
  initial: 'down',
  states: { down: { on: { next: 'up' } }, up: { on: { next: 'down' } } },
})

await compareEvents()
await compareGroups()

async function compareEvents() {
  const id = parseChildId('a')
  const { tree } = await startedTree(1)
  const bare = createActor(observer).start()
  const observation = { source: 'quota', verdict: 'well' }
  const { ours, baseline } = await medians(5, {
    ours: nsPerCall(events, (calls) => {
      for (let n = 0; n < calls; n++) tree.observe(id, observation)
    }),
    baseline: nsPerCall(events, (calls) => {
      for (let n = 0; n < calls; n++) bare.send({ type: 'observed', observation })
    }),
  })
  await tree.stop()
  printPair({ name: 'event to a supervised child', ours, baseline, unit: 'ns', of: 'a bare xstate machine' })
}

async function compareGroups() {
  const { tree, runs } = await startedTree(crowd)
  const { ours, baseline } = await medians(5, {
    ours: async () => {
      const began = performance.now()
      const last = crowd - 1
      const { incarnation } = runs[last]
      runs[last].end('crash')
      while (runs[last].incarnation === incarnation || !runs[last].isReady) await new Promise(setImmediate)
      return performance.now() - began
    },
    baseline: () => {
      const began = performance.now()
      const actors = Array.from({ length: crowd }, () => createActor(twoStates).start())
      // As a child does: starting, running, stopping, ended, starting, running.
      for (let n = 0; n < 5; n++) for (const actor of actors) actor.send({ type: 'next' })
      for (const actor of actors) actor.stop()
      return performance.now() - began
    },
  })
  await tree.stop()
  printPair({
    name: 'one_for_all of 1,000',
    ours,
    baseline,
    unit: 'ms',
    of: '1,000 bare xstate machines, 5 events each',
  })
}

/** A tree under profile `otp`, which has no backoff; with the run of each child that lives. */
async function startedTree(children) {
  const runs = []
  const tree = new SupervisionTree({
    name: 'root',
    strategy: 'one_for_all',
    profile: 'otp',
    intensity: { restarts: 1_000, withinMs: 60_000 },
    children: Array.from({ length: children }, (_, n) => ({
      id: parseChildId(children === 1 ? 'a' : `child-${n}`),
      trust: 'unknown',
      port: { start: (incarnation) => simulatedRun(runs, n, incarnation) },
    })),
    clock: systemClock,
    random: Math.random,
    stormGuard: new OpenGuard(),
    onEvent: () => undefined,
  })
  await tree.start()
  return { tree, runs }
}

function simulatedRun(runs, index, incarnation) {
  const run = { incarnation, isReady: true, end: () => undefined }
  const exited = new Promise((resolve) => {
    run.end = (reason) => resolve({ class: reason, reason, commandExitCode: 1, usage })
  })
  runs[index] = run
  return {
    ready: Promise.resolve(undefined),
    exited,
    stop: () => run.end('shutdown'),
    kill: async () => {
      run.end('shutdown')
      return 'exited'
    },
  }
}
