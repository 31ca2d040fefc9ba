// What a take from a bucket in shared memory costs, beside the same arithmetic on a plain variable: `npm run bench quota`.
import { createQuotaBlock, RateBucket, RateChain, RateTree } from '@bulkhead/quota'
import { medians, nsPerCall, printPair } from '../../../bench/pair.mjs'

const clock = process.hrtime.bigint
const settings = { rate: { amount: 1_000_000_000, perMs: 1_000 } }
const { rates } = createQuotaBlock({
  rates: { open: settings, shut: { rate: { amount: 1, perMs: 3_600_000 } } },
  ledgers: {},
})
const open = new RateBucket(rates.open, clock)
const shut = new RateBucket(rates.shut, clock)
shut.take(1)

const tree = new RateTree({ nodesMax: 4, seatsMax: 1, clock })
const root = tree.addNode(settings)
const chain = new RateChain(tree.takeSeat(tree.addNode(settings, tree.addNode(settings, root))), clock)

let arrivalNs = 0n
let taken = 0
const burstNs = 1_000_000_000n
function takePlainly() {
  const nowNs = clock()
  const nextNs = (arrivalNs > nowNs ? arrivalNs : nowNs) + 1n
  if (nextNs - nowNs > burstNs) return
  arrivalNs = nextNs
  taken++
}
const plain = (calls) => {
  for (let n = 0; n < calls; n++) takePlainly()
}
const take = (calls) => {
  for (let n = 0; n < calls; n++) if (open.take(1) === 'taken') taken++
}
const takeMany = (calls) => {
  for (let n = 0; n < calls; n++) if (open.take(1 + (n & 4095)) === 'taken') taken++
}
const refuse = (calls) => {
  for (let n = 0; n < calls; n++) if (shut.take(1) === 'taken') taken++
}
const takeThree = (calls) => {
  for (let n = 0; n < calls; n++) if (chain.take(1) === 'taken') taken++
}

const side = (loop) => nsPerCall(50_000, loop)
const runs = await medians(25, {
  plain: side(plain),
  take: side(take),
  takeMany: side(takeMany),
  refuse: side(refuse),
  takeThree: side(takeThree),
})
const pair = { baseline: runs.plain, unit: 'ns', of: 'the same arithmetic on a plain variable' }
printPair({ ...pair, name: 'rate limit, take of 1', ours: runs.take, aim: { oursMax: 150 } })
printPair({ ...pair, name: 'rate limit, takes of ever other sizes', ours: runs.takeMany })
printPair({ ...pair, name: 'rate limit, refused take', ours: runs.refuse })
printPair({ ...pair, name: 'rate limit, take from child, supervisor and root at once', ours: runs.takeThree })
if (open.take(1) !== 'taken' || chain.take(1) !== 'taken' || taken === 0)
  throw new Error('what was measured are no takes')
