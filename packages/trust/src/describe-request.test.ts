import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ask } from './approval-subject.js'
import { describeRequest } from './describe-request.js'
import { digestText } from './keys.test.support.js'
import { shownCharactersMax } from './limits.js'
import { riskFlags, riskNames } from './risk-flags.js'
import { subjectOf } from './subjects.test.support.js'

const ask = (capability: string): Ask => {
  const [, kind, action, pattern] = /^(\w+)\.(\w+)=(.*)$/.exec(capability) ?? []
  return { kind, action, pattern } as Ask
}
const asking = (...capabilities: readonly string[]) => subjectOf({ capabilities: capabilities.map(ask) })

describe('a request in words', () => {
  it.each([
    ['filesystem.read=/data/in/**', 'read files below /data/in'],
    ['filesystem.read=/**', 'read all files'],
    ['filesystem.write=/data/out/a.csv', 'change and create the file /data/out/a.csv'],
    ['filesystem.create=/data/*.csv', 'create files that match /data/*.csv'],
    ['filesystem.delete=/tmp/**', 'delete or move away files below /tmp'],
    ['filesystem.execute=/bin/x', 'execute the file /bin/x'],
    ['storage.read=self:*', 'read its own keys in the key-value store'],
    ['storage.write=self:orders:*', 'write its own keys orders:* in the key-value store'],
    ['storage.delete=shared:cache:*', 'delete the keys cache:*, which components share, in the key-value store'],
    ['storage.read=component:billing:*', 'read the keys component:billing:* in the key-value store'],
    ['network.connect=https://api.example.com', 'connect to https://api.example.com'],
    ['network.bind=127.0.0.1:8080', 'listen on 127.0.0.1:8080'],
    ['network.resolve=api.example.com', 'look up the address of api.example.com'],
    ['messaging.publish=orders.*', 'publish messages on orders.*'],
    ['messaging.subscribe=orders.>', 'receive messages on `orders.>`'],
    ['messaging.request=prices', 'send requests as messages on prices'],
    ['environment.read=TZ', 'read the variable TZ'],
    ['environment.read=INGEST_*', 'read the variables INGEST_*'],
    ['process.spawn=/usr/bin/git', 'start the program /usr/bin/git on the host'],
    ['contacts.find=team/*', 'find contacts team/*'],
  ])('%s', (capability, words) => {
    expect(describeRequest(asking(capability)).asks).toMatchObject([{ words }])
  })

  it('says once what concerns the same pattern', () => {
    const { asks } = describeRequest(subjectOf())
    expect(asks.map(({ words, optional }) => [words, optional])).toEqual([
      ['read files below /data/in', false],
      ['read and write its own keys in the key-value store', false],
      ['read the variables INGEST_*', true],
    ])
    expect(asks[0]?.why).toEqual([{ componentSays: 'the drops' }])
    const [need, could] = [ask('storage.read=self:*'), { ...ask('storage.write=self:*'), optional: true }]
    const isOptional = (...capabilities: Ask[]) => describeRequest(subjectOf({ capabilities })).asks[0]?.optional
    expect([isOptional(need, could), isOptional(could, need), isOptional(could)]).toEqual([false, false, true])
    const three = asking('filesystem.read=/a/b', 'filesystem.write=/a/b', 'filesystem.delete=/a/b')
    expect(describeRequest(three).asks[0]?.words).toBe('read, change and create and delete or move away the file /a/b')
  })

  it('lists all else that a start would give', () => {
    expect(describeRequest(subjectOf())).toMatchObject({
      componentId: { componentSays: 'ingest' },
      version: { componentSays: '1.2.0' },
      description: { componentSays: 'Reads drops, publishes orders' },
      mounts: ['/data = /srv/data (write)'],
      inherited: ['TZ'],
      interfaces: ['wasi:filesystem/types'],
    })
    const { version: _, description: __, ...bare } = subjectOf({ manifestDigest: null })
    expect(describeRequest(bare)).not.toHaveProperty('description')
  })

  it('can be told apart from words of ours', () => {
    const capability = 'filesystem.read=/a and nothing else `really`'
    expect(describeRequest(asking(capability)).asks[0]?.words).toBe("read the file `/a and nothing else 'really'`")
  })
})

describe('a component that speaks to the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;title\u0007 harmless\r\n\u202egnp.exe\u200b\u009b31m'

  it('is shown, not obeyed', () => {
    const described = describeRequest(
      subjectOf({
        description: hostile,
        version: hostile,
        componentId: hostile,
        capabilities: [
          { kind: 'environment', action: 'read', pattern: 'A*', why: hostile },
          ask('storage.read=self:\u202ex'),
        ],
        inherited: [`TOKEN${hostile}`],
        interfaces: [hostile],
        mounts: [{ guest: hostile, host: '/', mode: 'write' }],
      }),
      subjectOf(),
    )
    expect(described.asks[0]?.why[0]?.componentSays).toContain('\\u{1b}[2J')
    expect(described.description?.componentSays).toContain('\\u{202e}gnp.exe')
    expect(JSON.stringify(described)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u202e]/)
  })

  it('is cut', () => {
    const { description } = describeRequest(subjectOf({ description: 'é'.repeat(1000) }))
    expect([...(description?.componentSays ?? '')]).toHaveLength(shownCharactersMax)
    expect(description?.componentSays.endsWith('…')).toBe(true)
    const { description: whole } = describeRequest(subjectOf({ description: 'é'.repeat(shownCharactersMax) }))
    expect(whole?.componentSays).toBe('é'.repeat(shownCharactersMax))
  })

  it('never reaches it, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const described = describeRequest(
          subjectOf({ description: text, inherited: [text], interfaces: [text] }),
          subjectOf(),
        )
        expect(JSON.stringify(described)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})

describe('what deserves a second look', () => {
  it.each([
    ['filesystem.write=/**', ['broad-write']],
    ['filesystem.create=/*/x', ['broad-write']],
    ['filesystem.write=/data/**', ['broad-write']],
    ['filesystem.write=/data/out/**', []],
    ['filesystem.write=/data/out.csv', []],
    ['filesystem.read=/**', []],
    ['filesystem.execute=/**', []],
    ['filesystem.delete=/data/out/**', ['deletion']],
    ['filesystem.delete=/**', ['deletion', 'broad-write']],
    ['network.connect=*:443', ['any-host']],
    ['network.connect=https://*.example.com', ['wildcard-domain']],
    ['network.connect=https://api.example.com', []],
    ['network.connect=https://api.ex\u0430mple.com', ['look-alike']],
    ['network.connect=*.xn--exmple-4nf.com:443', ['wildcard-domain', 'look-alike']],
    ['network.connect=ｅxample.com:443', []],
    ['network.connect=93.184.216.0/24:443', ['address-block']],
    ['network.connect=93.184.216.34:443', []],
    ['network.connect=10.1.2.3:5432', ['special-address']],
    ['network.connect=10.0.0.0/8:5432', ['address-block', 'special-address']],
    ['network.connect=0.0.0.0/0:*', ['address-block', 'special-address']],
    ['network.connect=169.254.169.254:80', ['special-address']],
    ['network.connect=[::1]:80', ['special-address']],
    ['network.connect=[::ffff:127.0.0.1]:80', ['special-address']],
    ['network.connect=[fd00::]/8:80', ['address-block', 'special-address']],
    ['network.connect=[2606:4700::1]:443', []],
    ['network.connect=[2606:4700::]/32:443', ['address-block']],
    ['network.connect=localhost:80', ['special-address']],
    ['network.connect=*.internal:80', ['wildcard-domain', 'special-address']],
    ['network.connect=notlocalhost:80', []],
    ['network.bind=127.0.0.1:8080', ['listens', 'special-address']],
    ['process.spawn=/usr/bin/git', ['starts-programs']],
    ['storage.read=self:*', []],
    ['storage.read=component:ingest:*', []],
    ['storage.read=component:ingest-2:*', ['other-name-space']],
    ['storage.write=shared:*', ['other-name-space']],
    ['messaging.publish=orders.*', []],
  ])('%s', (capability, flags) => {
    expect(riskFlags(asking(capability)).map(({ flag }) => flag)).toEqual(flags)
    for (const { about } of riskFlags(asking(capability))) expect(about).toBe(capability)
  })

  it('a name that looks like another one, by the name that it is', () => {
    const [flag] = riskFlags(asking('network.connect=https://api.ex\u0430mple.com'))
    expect(flag?.words).toBe('letters of other alphabets: its name is api.xn--exmple-4nf.com')
  })

  it('writing what it executes', () => {
    const flags = riskFlags(asking('filesystem.create=/app/x/**', 'filesystem.execute=/app/bin')).map(
      ({ flag }) => flag,
    )
    expect(flags).toEqual(['write-and-execute'])
    expect(riskFlags(asking('filesystem.read=/app/x/**', 'filesystem.execute=/app/bin'))).toEqual([])
  })

  it('the whole disk of the host', () => {
    const mounted = (host: string): readonly string[] =>
      riskFlags(subjectOf({ capabilities: [], mounts: [{ guest: '/', host, mode: 'read' }] })).map(({ flag }) => flag)
    expect(mounted('/')).toEqual(['root-mount'])
    expect(mounted('/srv')).toEqual([])
  })

  it.each([
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'DB_PASSWORD',
    'API_KEY',
    'SSH_AUTH_SOCK',
    'apiKey',
    'PRIVATE_PEM',
    'KEY',
  ])('the variable %s', (name) => {
    expect(riskFlags(subjectOf({ inherited: [name] }))).toMatchObject([{ flag: 'secret-variable', about: name }])
  })

  it.each(['TZ', 'LANG', 'HOME', 'KEYBOARD', 'MONKEY', 'AUTHOR'])('not the variable %s', (name) => {
    expect(riskFlags(subjectOf({ inherited: [name] }))).toEqual([])
  })

  it('each for a reason that is raised somewhere', () => {
    const all = subjectOf({
      capabilities: [
        'filesystem.delete=/**',
        'filesystem.execute=/x',
        'filesystem.write=/x',
        'network.bind=*:1',
        'network.connect=*.ä.b:1',
      ]
        .concat('network.connect=10.0.0.0/8:1', 'process.spawn=/x', 'storage.read=shared:*')
        .map(ask),
      mounts: [{ guest: '/', host: '/', mode: 'write' }],
      inherited: ['TOKEN'],
    })
    expect(new Set(riskFlags(all).map(({ flag }) => flag))).toEqual(new Set(riskNames))
  })
})

describe('what changed since the last approval', () => {
  it('is not said of a first request', () => {
    expect(describeRequest(subjectOf())).not.toHaveProperty('changes')
  })

  it('is nothing when nothing did', () => {
    const none = { added: [], removed: [], changed: [] }
    expect(describeRequest(subjectOf(), subjectOf()).changes).toEqual({
      component: false,
      manifest: false,
      capabilities: none,
      mounts: none,
      inherited: none,
      interfaces: none,
    })
  })

  it('is what came, went, and is another one', () => {
    const [first, ...others] = subjectOf().capabilities
    const now = subjectOf({
      componentDigest: digestText('8'),
      manifestDigest: null,
      capabilities: [...others.map((one) => ({ ...one, optional: false })), ask('network.connect=a.example:443')],
      mounts: [
        { guest: '/data', host: '/srv', mode: 'read' },
        { guest: '/app', host: '/srv/app', mode: 'read' },
      ],
      inherited: ['LANG'],
      interfaces: [],
    })
    expect(first?.pattern).toBe('/data/in/**')
    expect(describeRequest(now, subjectOf()).changes).toEqual({
      component: true,
      manifest: true,
      capabilities: {
        added: ['network.connect=a.example:443 (required)'],
        removed: ['filesystem.read=/data/in/** (required)'],
        changed: ['environment.read=INGEST_* (required), before (optional)'],
      },
      mounts: {
        added: ['/app = /srv/app (read)'],
        removed: [],
        changed: ['/data = /srv (read), before = /srv/data (write)'],
      },
      inherited: { added: ['LANG'], removed: ['TZ'], changed: [] },
      interfaces: { added: [], removed: ['wasi:filesystem/types'], changed: [] },
    })
  })
})
