import { describe, expect, it } from 'vitest'
import { bytes, startMessageTree, until } from './message-tree.js'

describe('a grant of topics', () => {
  it('is taken away from a running child, and given back', async () => {
    const { runtime, tell, lines } = await startMessageTree({
      talker: { publish: ['news.*'] },
      listener: { subscribe: ['news.*'] },
    })
    expect(await tell('talker', 'publish news.a print one')).toBe('ok')
    await until(() => lines('listener').includes('one'))
    expect(await runtime.revoke('talker', 'messaging.publish=news.*')).toMatchObject({
      bound: { within: 'running', stuck: false },
    })
    expect(await tell('talker', 'publish news.a print two')).toBe('access-denied')
    await runtime.grant('talker', 'messaging.publish=news.b')
    expect(await tell('talker', 'publish news.a print three')).toBe('access-denied')
    expect(await tell('talker', 'publish news.b print four')).toBe('ok')
    await until(() => lines('listener').length === 2)
    expect(lines('listener')).toEqual(['one', 'four'])
  })

  it('to receive is taken away: senders do not reach it any more, and are at no fault', async () => {
    const { runtime, tell, lines, events } = await startMessageTree({
      talker: { publish: ['news.*'] },
      listener: { subscribe: ['news.*'] },
      other: { subscribe: ['news.*'] },
    })
    expect(await tell('talker', 'publish news.a print one')).toBe('ok')
    await until(() => lines('listener').includes('one') && lines('other').includes('one'))
    await runtime.revoke('listener', 'messaging.subscribe=news.*')
    for (let count = 0; count < 20; count++) expect(await tell('talker', 'publish news.a print two')).toBe('ok')
    await until(() => lines('other').length === 21)
    expect(lines('listener')).toEqual(['one'])
    expect(events.filter(({ type }) => type === 'child.exited' || type === 'security.violation')).toEqual([])
  })
})

describe('a quota of messages', () => {
  it('refuses whoever sends too much, alone, and tells of it', async () => {
    const { runtime, tell, events, order } = await startMessageTree({
      flooder: { publish: ['flood.*'], entry: 'quotas = { messages = "20/s" }' },
      honest: { publish: ['news.*'] },
      listener: { subscribe: ['news.*', 'flood.*'], entry: 'quotas = { messages = "100000/s" }' },
    })
    const flooder = () => runtime.messages().children.find(({ child }) => child === 'flooder')
    await order('flooder', 'flood flood.all 500')
    await until(() => (flooder()?.handled ?? 0) === 1)
    const { published = 0, refusedByRate = 0 } = flooder() ?? {}
    expect(published + refusedByRate).toBe(500)
    expect(refusedByRate).toBeGreaterThan(300)
    expect(await tell('honest', 'flood news.all 100')).toBe('sent 100 refused 0')
    const isDegraded = () => events.some(({ type, child }) => type === 'child.degraded' && child === 'flooder')
    while (!isDegraded()) {
      await order('flooder', 'flood flood.all 200')
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    expect(events.find(({ type }) => type === 'child.degraded')?.reason).toMatch(/^message quota: \d+ refused in 5 s$/)
    expect(events.some(({ type, child }) => type === 'quota.exceeded' && child === 'flooder')).toBe(true)
    await until(() => events.some(({ type, child }) => type === 'child.healthy' && child === 'flooder'), 'healthy')
    expect(events.filter(({ child, type }) => child === 'honest' && type === 'child.degraded')).toEqual([])
    expect(flooder()?.refusedByRate).toBeGreaterThan(refusedByRate)
  })

  it('changes at once with the policy', async () => {
    const { runtime, tell } = await startMessageTree({
      talker: { publish: ['news.*'], request: ['news.*'] },
      listener: { subscribe: ['news.*'], entry: 'quotas = { messages = "100000/s" }' },
    })
    const policy = (messages: string): { text: string; file: string } => ({
      text: `[allow]\nmessaging.publish = ["news.*"]\nmessaging.subscribe = ["talker.do"]\n[limits]\nmessages = "${messages}"\n`,
      file: 'talker.policy.toml',
    })
    expect(await tell('talker', 'flood news.all 300')).toBe('sent 300 refused 0')
    // One a second, also of those that it is handed. Its answers count too: it is told without one.
    await runtime.policy.update('talker', policy('60/m'))
    await runtime.publish('talker.do', bytes('flood news.all 300'))
    await until(() => (runtime.messages().children[0]?.refusedByRate ?? 0) >= 290)
    await runtime.policy.update('talker', policy('1000/s'))
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await tell('talker', 'flood news.all 200')).toBe('sent 200 refused 0')
  })

  it('of a supervisor counts for all of its children together', async () => {
    const { tell } = await startMessageTree(
      {
        one: { publish: ['news.*'] },
        two: { publish: ['news.*'] },
        listener: { subscribe: ['news.*'], entry: 'quotas = { messages = "100000/s" }' },
      },
      'quotas = { messages = "60/m" }',
    )
    // One a second, and one at once: the first takes it, and its answer waits for nobody.
    const [first, second] = await Promise.allSettled([
      tell('one', 'flood news.all 50', 1_500),
      tell('two', 'flood news.all 50', 1_500),
    ])
    const answers = [first, second].map((one) => (one?.status === 'fulfilled' ? one.value : 'no answer'))
    expect(answers.filter((answer) => answer.startsWith('sent 50'))).toEqual([])
  })

  it('of a supervisor below another one counts for its own children only', async () => {
    const { runtime, order, events } = await startMessageTree(
      {
        honest: { publish: ['news.*'] },
        listener: { subscribe: ['news.*'], entry: 'quotas = { messages = "100000/s" }' },
        one: { publish: ['news.*'], below: 'crowd' },
        two: { publish: ['news.*'], below: 'crowd' },
      },
      '',
      { crowd: 'quotas = { messages = "40/h" }' },
    )
    const of = (name: string) => runtime.messages().children.find(({ child }) => child === name)
    await Promise.all(['one', 'two', 'honest'].map((child) => order(child, 'flood news.all 100')))
    await until(() => ['one', 'two', 'honest'].every((child) => (of(child)?.handled ?? 0) === 1), 'all have sent')
    // One in 90 s is earned: what was published is the burst, and perhaps a few that a slow machine had time to earn.
    const published = (of('one')?.published ?? 0) + (of('two')?.published ?? 0)
    expect(published).toBeLessThan(10)
    expect((of('one')?.refusedByRate ?? 0) + (of('two')?.refusedByRate ?? 0)).toBe(200 - published)
    expect(of('honest')).toMatchObject({ published: 100, refusedByRate: 0 })
    await until(
      () => events.some(({ type, supervisor }) => type.startsWith('quota.') && supervisor === 'crowd'),
      'told',
    )
  })
})

describe('requests', () => {
  it('that wait for each other end in a timeout that names them', async () => {
    const { runtime, tell, events } = await startMessageTree({
      price: { request: ['catalogue.do'] },
      catalogue: { request: ['price.do'] },
    })
    const asked = runtime.request('price.do', bytes('request catalogue.do 1500 request price.do 1500 work 1'), {
      timeoutMs: 900,
    })
    await expect(asked).rejects.toMatchObject({
      code: 'call-timeout',
      details: { cycle: 'price → catalogue → price' },
    })
    await until(() => events.some(({ type }) => type === 'child.degraded'), 'degraded')
    expect(events.find(({ type }) => type === 'child.degraded')?.reason).toMatch(
      /^requests form a cycle: (price → catalogue → price|catalogue → price → catalogue)$/,
    )
    expect(await tell('price', 'request catalogue.do 5000 work 2')).toBe('= ok')
  })
})
