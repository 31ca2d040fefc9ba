import type { Action, Kind, Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { compileTable, type TableSpec } from './capability-table.js'
import { Decider } from './decider.js'
import type { Grant } from './grant.js'
import { cachedDecisionsMax, resourceUnitsMax } from './limits.js'
import { parseCapability } from './parse-capability.js'
import { kinds, origin } from './small-worlds.test.support.js'

const grant = (kind: Kind, action: Action, pattern: string): Grant => ({ kind, action, pattern, origin })
const file = (action: Action, resource: string, hostPath?: string): Request =>
  hostPath === undefined ? { kind: 'filesystem', action, resource } : { kind: 'filesystem', action, resource, hostPath }

const empty: TableSpec = { version: 7, componentId: 'ingest', forbidden: [], deny: [], layers: [], operator: [] }
const decider = (spec: Partial<TableSpec>) => new Decider(compileTable({ ...empty, ...spec }))
const manifest = (...grants: Grant[]) => [{ layer: 'manifest', grants }] as const

describe('Decider', () => {
  const all = manifest(grant('filesystem', 'read', '/**'), grant('filesystem', 'write', '/**'))

  it('grants with the first rule of the first layer', () => {
    const rule = { pattern: '/**', origin }
    expect(decider({ layers: all }).decide(file('read', '/a'))).toEqual({ verdict: 'granted', layer: 'manifest', rule })
  })

  it('denies everything when there are no layers', () => {
    expect(decider({}).decide(file('read', '/a'))).toMatchObject({ verdict: 'denied', layer: 'manifest' })
  })

  it('says which layer has no rule, in the order of the layers', () => {
    const layers = [...all, { layer: 'policy', grants: [grant('filesystem', 'read', '/data/**')] }] as const
    expect(decider({ layers }).decide(file('write', '/data/a'))).toEqual({
      verdict: 'denied',
      layer: 'policy',
      reason: 'no rule of the policy allows filesystem.write here',
    })
    expect(decider({ layers }).decide(file('read', '/data/a')).verdict).toBe('granted')
  })

  it('puts the forbidden list above all, matched against the host path', () => {
    const subject = decider({
      layers: all,
      operator: [grant('filesystem', 'write', '/**')],
      forbidden: [grant('filesystem', 'write', '/sys/**')],
    })
    expect(subject.decide(file('write', '/host/sys/kernel', '/sys/kernel'))).toMatchObject({
      verdict: 'denied',
      layer: 'forbidden',
      rule: { pattern: '/sys/**' },
      reason: 'forbidden list (host path `/sys/kernel`)',
    })
    expect(subject.decide(file('create', '/host/sys/kernel', '/sys/kernel')).verdict).toBe('denied')
    expect(subject.decide(file('write', '/sys/kernel', '/home/me/kernel')).verdict).toBe('granted')
    expect(subject.decide(file('read', '/host/sys/kernel', '/sys/kernel')).verdict).toBe('granted')
  })

  it('matches the forbidden list of the network against the resource', () => {
    const subject = decider({
      layers: manifest(grant('network', 'connect', '*:*')),
      forbidden: [grant('network', 'connect', '169.254.169.254:*')],
    })
    const connect = (resource: string): Request => ({ kind: 'network', action: 'connect', resource })
    expect(subject.decide(connect('http://169.254.169.254:80')).layer).toBe('forbidden')
    expect(subject.decide(connect('http://[::ffff:169.254.169.254]:80')).layer).toBe('forbidden')
    expect(subject.decide(connect('http://169.254.169.253:80')).verdict).toBe('granted')
  })

  it('puts deny rules above the layers and the operator', () => {
    const subject = decider({
      layers: all,
      operator: [grant('filesystem', 'read', '/data/**')],
      deny: [grant('filesystem', 'read', '/data/secret/**')],
    })
    expect(subject.decide(file('read', '/data/secret/key'))).toMatchObject({
      layer: 'deny',
      reason: 'denied by `/data/secret/**`',
    })
    expect(subject.decide(file('read', '/data/open')).verdict).toBe('granted')
  })

  it('lets the operator grant what the layers do not', () => {
    const subject = decider({ operator: [grant('filesystem', 'read', '/data/**')] })
    expect(subject.decide(file('read', '/data/x'))).toMatchObject({ verdict: 'granted', layer: 'operator' })
    expect(subject.decide(file('read', '/etc/x')).verdict).toBe('denied')
  })

  it.each(['/data/../etc', '/data/', 'data', '', '/data//x', '/data/\0'])(
    'denies %j, which is not canonical',
    (resource) => {
      expect(decider({ layers: all }).decide(file('read', resource))).toMatchObject({
        verdict: 'denied',
        reason: 'the path is not canonical',
      })
    },
  )

  it('denies a host path that is not canonical, because the forbidden list could not be asked', () => {
    expect(decider({ layers: all }).decide(file('read', '/a', '/x/../etc')).verdict).toBe('denied')
  })

  it('denies with layer `error` when the request is not one', () => {
    const subject = decider({ layers: all })
    for (const broken of [
      undefined,
      {},
      { kind: 'filesystem', action: 'read' },
      { kind: '__proto__', action: 'read', resource: 1 },
    ]) {
      expect(subject.decide(broken as unknown as Request).verdict).toBe('denied')
    }
    expect(subject.decide(undefined as unknown as Request).layer).toBe('error')
  })

  it('denies an unknown kind, an unknown action and an endless resource', () => {
    const subject = decider({ layers: all })
    const reason = (kind: string, action: string, resource: string) => {
      const decision = subject.decide({ kind, action, resource } as Request)
      return decision.verdict === 'denied' ? `${decision.layer}: ${decision.reason}` : 'granted'
    }
    expect(reason('toString', 'read', '/a')).toBe('manifest: there is no such kind')
    expect(reason('filesystem', 'publish', '/a')).toBe('manifest: there is no such action')
    expect(reason('filesystem', 'toString', '/a')).toBe('manifest: there is no such action')
    expect(reason('network', 'connect', 'a b')).toBe(
      'manifest: the host is not a name, address or port that a rule could mean',
    )
    expect(reason('storage', 'read', '')).toBe('manifest: the name is empty or holds control characters')
    expect(subject.decide(file('read', `/${'a'.repeat(resourceUnitsMax - 1)}`)).verdict).toBe('granted')
    expect(subject.decide(file('read', `/${'a'.repeat(resourceUnitsMax)}`)).verdict).toBe('denied')
  })

  it('keeps host path and guest path apart in its cache, and forgets without changing its answers', () => {
    const subject = decider({ layers: all, forbidden: [grant('filesystem', 'read', '/secret')] })
    expect(subject.decide(file('read', '/a', '/open')).verdict).toBe('granted')
    expect(subject.decide(file('read', '/a', '/secret')).verdict).toBe('denied')
    expect(subject.decide(file('read', '/a', '/open')).verdict).toBe('granted')
    for (let n = 0; n < cachedDecisionsMax * 2; n++) subject.decide(file('read', `/${n}`))
    expect(subject.decide(file('read', '/a', '/secret')).verdict).toBe('denied')
  })

  it('keeps a reason on one line, whatever the host path holds', () => {
    const subject = decider({ layers: all, forbidden: [grant('filesystem', 'read', '/**')] })
    const decision = subject.decide(file('read', '/a', `/x\n${'y'.repeat(500)}`))
    if (decision.verdict !== 'denied') throw new Error('granted')
    expect(decision.reason).not.toContain('\n')
    expect(decision.reason.length).toBeLessThan(250)
  })

  it('decides storage: own name space by the manifest, others by policy or approval, shared by approval only', () => {
    const grants = ['self:*', 'component:other:*', 'shared:*'].map((pattern) => grant('storage', 'read', pattern))
    const read = (resource: string): Request => ({ kind: 'storage', action: 'read', resource })
    const verdicts = (...layers: TableSpec['layers'][number]['layer'][]) => {
      const subject = decider({ layers: layers.map((layer) => ({ layer, grants })) })
      return ['self:k', 'component:ingest:k', 'component:other:k', 'shared:k', 'unknown:k'].map(
        (name) => subject.decide(read(name)).verdict === 'granted',
      )
    }
    expect(verdicts('manifest')).toEqual([true, true, false, false, false])
    expect(verdicts('manifest', 'policy')).toEqual([true, true, true, false, false])
    expect(verdicts('manifest', 'approval')).toEqual([true, true, true, true, false])
  })

  it('decides messaging, environment and process', () => {
    const subject = decider({
      layers: manifest(
        grant('messaging', 'publish', 'orders.*'),
        grant('environment', 'read', 'INGEST_*'),
        grant('process', 'spawn', '/usr/bin/*'),
      ),
    })
    const verdict = (kind: Kind, action: Action, resource: string) => subject.decide({ kind, action, resource }).verdict
    expect(verdict('messaging', 'publish', 'orders.new')).toBe('granted')
    expect(verdict('messaging', 'subscribe', 'orders.new')).toBe('denied')
    expect(verdict('messaging', 'publish', 'orders.*')).toBe('denied')
    expect(verdict('environment', 'read', 'INGEST_MODE')).toBe('granted')
    expect(verdict('environment', 'read', 'AWS_SECRET')).toBe('denied')
    expect(verdict('process', 'spawn', '/usr/bin/env')).toBe('granted')
    expect(verdict('process', 'spawn', '/usr/bin/../sbin/x')).toBe('denied')
    expect(verdict('process', 'spawn', '/usr/sbin/x')).toBe('denied')
  })

  it('asks the roles last: of what the layers grant and of what the operator grants', () => {
    const roles = {
      allow: [grant('filesystem', 'write', '/data/**'), grant('filesystem', 'read', '/etc/**')],
      deny: [grant('filesystem', 'write', '/data/locked/**')],
    }
    const operator = [grant('filesystem', 'read', '/etc/hosts'), grant('filesystem', 'read', '/root/x')]
    const subject = decider({ layers: manifest(grant('filesystem', 'write', '/**')), operator, roles })
    expect(subject.decide(file('write', '/data/x'))).toMatchObject({ verdict: 'granted', layer: 'manifest' })
    expect(subject.decide(file('create', '/data/x')).verdict).toBe('granted')
    expect(subject.decide(file('read', '/etc/hosts'))).toMatchObject({ verdict: 'granted', layer: 'operator' })
    expect(subject.decide(file('read', '/root/x'))).toEqual({
      verdict: 'denied',
      layer: 'role',
      reason: 'no rule of the roles allows filesystem.read here',
    })
    expect(subject.decide(file('create', '/data/locked/x'))).toEqual({
      verdict: 'denied',
      layer: 'role',
      rule: { pattern: '/data/locked/**', origin },
      reason: 'a role denies `/data/locked/**`',
    })
    // What neither the layers nor the operator grant is theirs to refuse.
    expect(subject.decide(file('read', '/etc/shadow')).layer).toBe('manifest')
  })

  it('lets names be resolved although a role denies connecting: it may mean one port only', () => {
    const connect = grant('network', 'connect', 'a.b:443')
    const roles = { allow: [connect], deny: [connect] }
    const subject = decider({ layers: manifest(connect), roles })
    expect(subject.decide({ kind: 'network', action: 'connect', resource: 'tcp://a.b:443' }).layer).toBe('role')
    expect(subject.decide({ kind: 'network', action: 'resolve', resource: 'a.b' }).verdict).toBe('granted')
  })

  it('lets everything through without roles, and nothing with empty ones', () => {
    const spec = { layers: all, operator: [grant('filesystem', 'delete', '/**')] }
    expect(decider(spec).decide(file('read', '/a')).verdict).toBe('granted')
    const strict = decider({ ...spec, roles: { allow: [], deny: [] } })
    expect(strict.decide(file('read', '/a')).layer).toBe('role')
    expect(strict.decide(file('delete', '/a')).layer).toBe('role')
  })

  it('decides custom kinds in each grammar, and only by their own rules', () => {
    const custom = (text: string): Grant => ({ ...parseCapability(text, kinds), origin })
    const texts = ['crate.open=/a/**', 'badge.show=A*', 'signal.raise=a.>', 'token.spend=A*']
    const subject = decider({ kinds, layers: manifest(...texts.map(custom)), deny: [custom('token.mint=A*')] })
    const verdict = (text: string) => {
      const { kind, action, pattern } = parseCapability(text, kinds)
      const decision = subject.decide({ kind, action, resource: pattern })
      return decision.verdict === 'granted' ? 'granted' : decision.reason
    }
    expect(verdict('crate.open=/a/b')).toBe('granted')
    expect(verdict('crate.seal=/a/b')).toBe('no rule of the manifest allows crate.seal here')
    expect(verdict('process.spawn=/a/b')).toBe('no rule of the manifest allows process.spawn here')
    expect(verdict('crate.open=/a/../b')).toBe('this is not a canonical absolute path')
    expect(verdict('badge.show=A=B')).toBe('granted')
    expect(verdict('environment.read=A')).toBe('no rule of the manifest allows environment.read here')
    expect(verdict('environment.read=A=B')).toBe('this is not a variable name')
    expect(verdict('badge.show=\u0000')).toBe('the name is empty or holds control characters')
    expect(verdict('signal.raise=a.b')).toBe('granted')
    expect(verdict('signal.raise=$sys.b')).toBe('the topic does not follow the grammar, or belongs to the host')
    expect(verdict('messaging.publish=a.b')).toBe('no rule of the manifest allows messaging.publish here')
    expect(verdict('token.spend=A*')).toBe('granted')
    expect(verdict('token.spend=AB')).toBe('no rule of the manifest allows token.spend here')
    expect(verdict('token.spend=\u0000')).toBe('the resource is empty or holds control characters')
    expect(verdict('token.mint=A*')).toBe('denied by `A*`')
    expect(subject.decide({ kind: 'storage', action: 'read', resource: '' }).verdict).toBe('denied')
  })

  it('denies with layer `error` when the table lacks a rule that it points to', () => {
    const spec = { ...empty, layers: all, deny: [grant('filesystem', 'read', '/secret')] }
    const broken = new Decider({ ...compileTable(spec), rules: [] })
    for (const path of ['/a', '/secret']) {
      expect(broken.decide(file('read', path))).toMatchObject({
        verdict: 'denied',
        layer: 'error',
        reason: expect.stringContaining('the table has no rule'),
      })
    }
  })

  it('has one decision object for all that a rule grants', () => {
    const subject = decider({ layers: all })
    expect(subject.decide(file('read', '/a'))).toBe(subject.decide(file('read', '/b')))
    expect(subject.decide(file('write', '/a'))).not.toBe(subject.decide(file('read', '/b')))
  })

  it('counts how often it knew the answer already', () => {
    const subject = decider({ layers: all })
    expect(subject.metrics).toEqual({ cacheHits: 0, cacheMisses: 0 })
    for (const path of ['/a', '/a', '/b', '/a']) subject.decide(file('read', path))
    expect(subject.metrics).toEqual({ cacheHits: 2, cacheMisses: 2 })
  })

  it('decides the same from a structured clone of its table', () => {
    const table = compileTable({ ...empty, layers: all, deny: [grant('network', 'connect', '10.0.0.0/8')] })
    const clone = structuredClone(table)
    expect(clone).toEqual(table)
    expect(new Decider(clone).decide(file('read', '/a')).verdict).toBe('granted')
  })

  it('names the first matching rule of the document', () => {
    const rules = ['/x', '/**/c', '/a/*/c', '/a/b/c'].map((pattern) => grant('filesystem', 'read', pattern))
    const decision = decider({ layers: manifest(...rules) }).decide(file('read', '/a/b/c'))
    expect(decision.rule?.pattern).toBe('/**/c')
  })
})
