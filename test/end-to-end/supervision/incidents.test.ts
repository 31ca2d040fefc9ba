import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HealthEvent, type Incident, openDesk } from 'bulkhead'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestRuntime } from '../../support/test-runtime.mjs'
import { bytes, text, until } from '../messages/message-tree.js'
import { treeFolder, writeTree } from './supervised-tree.js'

const hasWalls = spawnSync('bwrap', ['--version']).status === 0
const secret = 'hunter-22-and-more'

describe('a child that is isolated', () => {
  it.runIf(hasWalls)('leaves what was known of it: for operators, for the host, and for later', async () => {
    const folder = treeFolder()
    const told = 'cat > told.json; echo "$BULKHEAD_INCIDENT $BULKHEAD_CHILD $BULKHEAD_TO" > told.txt'
    const tree = writeTree(
      folder,
      { prowler: { entry: `env = { TOKEN = "${secret}" }` } },
      {
        top: `[incidents]\ncommand = ["/bin/sh", "-c", ${JSON.stringify(told)}]\ntopic = "ops"`,
      },
    )
    const events: HealthEvent[] = []
    const called: Incident[] = []
    const runtime = await createTestRuntime({
      tree,
      onHealth: (event) => events.push(event),
      onIncident: (incident) => void called.push(incident),
    })
    onTestFinished(async () => void (await runtime.stop()))
    const heard: string[] = []
    runtime.subscribe('ops', ({ body }) => void heard.push(text(body)))
    const count = (type: HealthEvent['type']): number => events.filter((event) => event.type === type).length

    for (const round of [1, 2]) {
      for (let n = 0; n < 5; n++) await runtime.publish('prowler.do', bytes(`publish n${n}.${secret} x`))
      await until(() => count('child.restarted') === round, `restart ${round}`)
    }
    await until(() => count('incident.recorded') === 1, 'the incident')
    await until(() => readdirSync(folder).includes('told.txt'), 'the command')
    await until(() => heard.length === 1 && called.length === 1, 'the other hooks')

    const state = runtime.stateDirectory ?? ''
    const [file = '', ...others] = readdirSync(join(state, 'incidents'))
    expect([file, others]).toEqual(['000001.prowler.json', []])
    const written = readFileSync(join(state, 'incidents', file), 'utf8')
    expect(written).not.toContain(secret)
    const { bundle } = await runtime.incidents.show(1)
    expect(bundle).toMatchObject({
      ...{ child: 'prowler', incarnation: 2, from: 'reduced', to: 'process', truncated: [] },
      reason: '5 different messaging requests were denied within 10 s',
      digest: expect.stringMatching(/^sha256:/),
      codeDigest: expect.stringMatching(/^sha256:/),
      ledger: { checksDenied: expect.any(Number), handled: expect.any(Number) },
    })
    const types = bundle.events.map((event) => (event as HealthEvent).type)
    for (const type of ['child.reduced', 'security.violation', 'child.isolated']) expect(types).toContain(type)
    // What it asked for is in it, with its place in the log, and without the secret.
    expect(bundle.audit).toContainEqual(
      expect.objectContaining({ event: 'access-denied', incarnation: 2, resource: 'n1.[secret]' }),
    )

    expect(JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8'))).toEqual(called[0])
    expect(readFileSync(join(folder, 'told.txt'), 'utf8')).toBe('1 prowler process\n')
    expect(JSON.parse(heard[0] ?? '')).toEqual({
      ...{ id: 1, child: 'prowler', incarnation: 2, from: 'reduced', to: 'process' },
      ...{ reason: bundle.reason, time: bundle.time },
    })
    let listed = await runtime.incidents.list()
    while (listed[0]?.hooks.length !== 3) listed = await runtime.incidents.list()
    expect(listed[0]?.hooks.map(({ hook, outcome }) => `${hook} ${outcome}`)).toEqual([
      'command done',
      'topic done',
      'callback done',
    ])

    // Another life finds it, and adds none for what was before.
    await runtime.stop()
    expect(count('child.isolated')).toBe(1)
    const desk = await openDesk(state)
    expect((await desk.request('incidents.list', {})).incidents).toEqual(listed)
    expect((await desk.request('incidents.list', { child: 'other' })).incidents).toEqual([])
    expect(await desk.request('incidents.show', { id: 1 })).toMatchObject({ id: 1, bundle: { child: 'prowler' } })
    await desk.close()
    const again = await createTestRuntime({ tree })
    onTestFinished(async () => void (await again.stop()))
    expect(again.children()[0]?.level).toBe('process')
    expect(await again.incidents.list()).toEqual(listed)
  })

  it('leaves nothing in a runtime that keeps nothing', async () => {
    const runtime = await createTestRuntime({})
    onTestFinished(async () => void (await runtime.stop()))
    expect(await runtime.incidents.list()).toEqual([])
    await expect(runtime.incidents.show(1)).rejects.toMatchObject({ code: 'state-not-found' })
  })
})
