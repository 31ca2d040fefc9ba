import type { Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { explainRequest } from './explain-request.js'
import { capability, contextOf, documentsOf, emptyWorld, mountAt, type World } from './world.test.support.js'

const asks = [capability('filesystem.read=/data/**')]
const world: World = {
  ...emptyWorld,
  child: 'ingest',
  mounts: [mountAt('/data', '/srv/data', 'read')],
  manifest: asks,
  approved: { of: asks },
}
const explain = async (text: string, change: Partial<World> = {}) => {
  const { kind, action, pattern: resource } = capability(text)
  const request: Request = { kind, action, resource }
  const changed = { ...world, ...change }
  return explainRequest(request, await contextOf(changed), documentsOf(changed))
}
const stepsOf = (report: Awaited<ReturnType<typeof explain>>) =>
  report.steps.map(({ layer, answer, rule }) => `${layer} ${answer}${rule === undefined ? '' : ` ${rule.pattern}`}`)

describe('explainRequest', () => {
  it('tells every layer of what is granted, absent ones too', async () => {
    const report = await explain('filesystem.read=/data/a')
    expect(stepsOf(report)).toEqual([
      'forbidden silent',
      'deny silent',
      'manifest grants /data/**',
      'approval grants /data/**',
      'operator silent',
      'policy absent',
      'role absent',
      'mount grants',
    ])
    expect(report).toMatchObject({
      verdict: 'granted',
      layer: 'manifest',
      reason: 'allowed by `/data/**`',
      rule: { layer: 'manifest', origin: { document: 'Component.toml', line: 6 } },
    })
    expect(report).not.toHaveProperty('remedy')
  })

  it('carries the limits of the rule and those in force', async () => {
    const write = [capability('filesystem.write=/data/**')]
    const report = await explain('filesystem.write=/data/a', {
      mounts: [mountAt('/data', '/srv/data')],
      manifest: write,
      approved: { of: write },
      policy: { allow: write, deny: [], maxFileSize: '1KiB' },
    })
    expect(report).toMatchObject({ verdict: 'granted', limits: { maxFileSizeBytes: 1024 } })
    expect(report.steps.find(({ layer }) => layer === 'policy')?.rule?.limits).toEqual({ maxFileSizeBytes: 1024 })
  })

  it('names the layer that refuses, and shows the others', async () => {
    const policy = { allow: [], deny: [capability('filesystem.read=/data/secret/**')] }
    const report = await explain('filesystem.read=/data/secret/x', { policy })
    expect(report).toMatchObject({
      verdict: 'denied',
      layer: 'deny',
      rule: { layer: 'deny', pattern: '/data/secret/**' },
    })
    expect(stepsOf(report)).toContain('policy refuses')
    expect(report.remedy).toEqual({
      once: [],
      always: [
        'without "/data/secret/**" in filesystem.read under [deny] in ingest.policy.toml:1',
        'filesystem.read = ["/data/secret/x"] under [allow] in ingest.policy.toml:1',
        'bulkhead policy update ingest ingest.policy.toml',
      ],
    })
  })

  it('does not promise what a mount refuses', async () => {
    const write = [capability('filesystem.write=/data/**')]
    const report = await explain('filesystem.write=/data/a', { manifest: write, approved: { of: write } })
    expect(report).toMatchObject({ verdict: 'denied', layer: 'mount', reason: '`/data` is mounted for reading only' })
    expect(stepsOf(report).at(-1)).toBe('mount refuses')
    expect(await explain('filesystem.read=/etc/hosts')).toMatchObject({
      layer: 'mount',
      reason: 'nothing is mounted there',
    })
  })

  it('looks at the host path behind a mount', async () => {
    const mounts = [mountAt('/data', '/')]
    const report = await explain('filesystem.read=/data/etc/shadow', { mounts })
    expect(report).toMatchObject({ verdict: 'denied', layer: 'forbidden' })
    expect(report).not.toHaveProperty('remedy')
    expect(await explain('filesystem.read=/data/etc/hosts', { mounts })).toMatchObject({ verdict: 'granted' })
    const whole = { mounts: [mountAt('/', '/etc')], operator: [capability('filesystem.read=/**')] }
    expect(await explain('filesystem.read=/shadow', whole)).toMatchObject({ layer: 'forbidden' })
    expect(await explain('filesystem.read=/', whole)).toMatchObject({ verdict: 'granted' })
  })

  it('says where there is no door, and suggests nothing that would open none', async () => {
    const asked = [capability('process.spawn=/bin/sh')]
    const granted = await explain('process.spawn=/bin/sh', { manifest: asked, approved: { of: asked } })
    expect(granted).toMatchObject({ verdict: 'granted', note: expect.stringContaining('no interface') })
    const denied = await explain('process.spawn=/bin/sh')
    expect(denied).toMatchObject({
      verdict: 'denied',
      layer: 'manifest',
      note: expect.stringContaining('no interface'),
    })
    expect(denied).not.toHaveProperty('remedy')
  })

  it('says of what is not of its form that no rule means it', async () => {
    const report = await explain('filesystem.read=/data/../x')
    expect(report).toMatchObject({ verdict: 'denied', reason: 'the path is not canonical' })
    expect(report).not.toHaveProperty('remedy')
  })
})
