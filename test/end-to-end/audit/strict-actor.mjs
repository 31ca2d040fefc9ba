// A process whose one actor makes directory after directory under a strict audit, as fast as it is let, until it is killed.
// It prints what the guest was answered: whoever reads that knows what must be on record.
import { loadOrCreateSealKey } from '@bulkhead/audit'
import { actorLab } from '../../support/actor-lab.mjs'
import { command } from '../../support/file-operator.mjs'

const [place, state = '', host = ''] = process.argv.slice(2)
const lab = await actorLab(place === 'process' ? 'process' : 'thread', {
  directory: `${state}/audit`,
  sealKey: loadOrCreateSealKey(state),
  strict: true,
  onStalled: () => process.stdout.write('stalled\n'),
  onResumed: () => process.stdout.write('resumed\n'),
})
const { session } = await lab.operator({ allow: ['create /data/**'], host })
for (let act = 0; ; act++) {
  const [answer] = await session.send([command.mkdir(`data/${act}`)])
  process.stdout.write(`${answer?.errno} ${act}\n`)
}
