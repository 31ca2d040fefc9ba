import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { digestText, newKey } from './keys.test.support.js'
import { parseTrust } from './parse-trust.js'

const key = newKey().publicKey.text
const other = newKey('es256').publicKey.text

function findings(text: string | Uint8Array): readonly string[] {
  try {
    parseTrust(text, { file: 'trust.toml' })
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    return error.findings.map(({ line, column, message, hint }) => `${line}:${column}: ${message} (${hint})`)
  }
  return []
}

describe('a trust document', () => {
  it('says nothing when it is empty', () => {
    expect(parseTrust('', { file: 'trust.toml' })).toEqual({
      file: 'trust.toml',
      requireSignatures: false,
      devMode: false,
      sources: [],
      revoked: [],
    })
  })

  it('holds every key of the format, in the order of the file', () => {
    const trust = parseTrust(
      `require_signatures = true
dev_mode = true
[[sources]]
type = "git"
url = "https://github.com/myorg/*"
branch = "main"
commit = "${'a'.repeat(40)}"
attestors = ["${key}", "${other}"]
[[sources]]
type = "signing-key"
public_key = "${key}"
signer = "release@example.com"
[[sources]]
type = "signing-key"
certificate = "${digestText('c')}"
[[sources]]
type = "local"
path = "/opt/verified/**"
digest = "${digestText('d')}"
[[revoked]]
digest = "${digestText('e')}"
[[revoked]]
key = "${other}"
`,
      { file: 'trust.toml' },
    )
    expect(trust).toMatchObject({ requireSignatures: true, devMode: true })
    expect(trust.sources.map(({ type, at }) => [type, at.line])).toEqual([
      ['git', 3],
      ['signing-key', 9],
      ['signing-key', 13],
      ['local', 16],
    ])
    expect(trust.sources[0]).toMatchObject({ branch: 'main', attestors: [{ text: key }, { text: other }] })
    expect(trust.sources[1]).toMatchObject({
      signer: 'release@example.com',
      anchor: { kind: 'key', key: { text: key } },
    })
    expect(trust.sources[2]).toMatchObject({ anchor: { kind: 'certificate', fingerprint: digestText('c') } })
    expect(trust.sources[3]).toMatchObject({ path: '/opt/verified/**', digest: digestText('d') })
    expect(trust.revoked).toMatchObject([{ digest: digestText('e') }, { key: { text: other } }])
    expect(Object.isFrozen(trust.sources[0])).toBe(true)
  })
})

const git = `[[sources]]\ntype = "git"\nurl = "https://github.com/a/*"\nattestors = ["${key}"]\n`

describe('a git source', () => {
  it.each([
    ['url = "https://github.com/a/**"', 'branch = "feature/x-1.0"'],
    ['url = "https://git.example.com:8443/a/{b,c}"', 'branch = "v1.0"'],
    ['url = "ssh://git.example.com:2222/a./[a-z]*"', 'branch = "refs-of-mine"'],
    ['url = "https://*.example.com/a/?"', 'branch = "a@b"'],
  ])('%s, %s', (...lines) => {
    const text = ['[[sources]]', 'type = "git"', `attestors = ["${key}"]`, ...lines].join('\n')
    expect(parseTrust(text, { file: 'trust.toml' }).sources).toHaveLength(1)
  })
})

describe('what is wrong with it is said with its place', () => {
  it.each([
    [
      'M165 key is all zero',
      '[[sources]]\ntype = "signing-key"\npublic_key = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="\n',
      /^3:14: .*small order/,
    ],
    [
      'M167 key not base64',
      '[[sources]]\ntype = "signing-key"\npublic_key = "ed25519:!!!"\n',
      /^3:14: .*not canonical base64/,
    ],
    [
      'M168 key with extra bytes',
      '[[sources]]\ntype = "signing-key"\npublic_key = "ed25519:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"\n',
      /^3:14: .*33 bytes/,
    ],
    [
      'M170 unknown trust level',
      '[[sources]]\ntype = "root"\n',
      /^2:8: `root` is not known here \(.*known: `git`, `signing-key`, `local`/,
    ],
    ['a level that nobody may write', 'level = "trusted"\n', /^1:1: unknown key `level`/],
    [
      'an unknown key',
      'require_signature = true\n',
      /^1:1: unknown key `require_signature` \(did you mean `require_signatures`/,
    ],
    ['a look-alike key', 'dev_m\u043ede = true\n', /^1:6: not TOML/],
    ['a switch in quotes', 'dev_mode = "true"\n', /^1:12: text stands where `true` or `false` belongs/],
    ['a prototype', '[__proto__]\nx = 1\n', /^1:2: unknown key `__proto__`/],
    ['a source without a type', '[[sources]]\nurl = "https://x/y"\n', /^1:3: `type` is missing/],
    ['a source that is no table', 'sources = ["git"]\n', /^1:12: a source is a table/],
    ['a key of another type of source', `${git}digest = "x"\n`, /^5:1: unknown key `digest`/],
    [
      'a git source without attestors',
      '[[sources]]\ntype = "git"\nurl = "https://github.com/a/*"\n',
      /`attestors` is missing/,
    ],
    [
      'a git source with an empty list of them',
      '[[sources]]\ntype = "git"\nurl = "https://github.com/a/*"\nattestors = []\n',
      /^4:13: the list is empty/,
    ],
    ['a git source without a URL', `[[sources]]\ntype = "git"\nattestors = ["${key}"]\n`, /`url` is missing/],
    ['a short commit', `${git}commit = "abc123"\n`, /^5:10: `abc123` is not a commit/],
    ['a branch with a space', `${git}branch = "my branch"\n`, /is not a branch/],
    [
      'a URL without a scheme',
      git.replace('https://github.com', 'github.com'),
      /^3:7: .*is not a pattern of repository URLs/,
    ],
    ['a URL with a user', git.replace('https://', 'https://token@'), /is not a pattern of repository URLs/],
    ['a URL in capitals', git.replace('github', 'GitHub'), /is not a pattern of repository URLs/],
    ['a URL with look-alike letters', git.replace('github', 'g\u0456thub'), /is not a pattern of repository URLs/],
    ['a URL with an escape', git.replace('a/*', 'a/%2e'), /is not a pattern of repository URLs/],
    ['a URL without a path', git.replace('/a/*', ''), /is not a pattern of repository URLs/],
    ['a URL with its own port', git.replace('.com', '.com:443'), /can match nothing/],
    ['a URL of ssh at its own port', git.replace('https', 'ssh'), /can match nothing/],
    ['a URL with two slashes', git.replace('a/*', 'a//b'), /can match nothing/],
    ['a URL that goes up', git.replace('a/*', 'a/../b'), /can match nothing/],
    ['a URL with a dot behind the host', git.replace('.com', '.com.'), /can match nothing/],
    ['a full reference', `${git}branch = "refs/heads/main"\n`, /^5:10: .*is not a branch/],
    ['a pattern of branches', `${git}branch = "release-*"\n`, /is not a branch/],
    ['a URL that ends with .git', git.replace('a/*', 'a/app.git'), /can match nothing/],
    [
      'two anchors',
      `[[sources]]\ntype = "signing-key"\npublic_key = "${key}"\ncertificate = "${digestText('a')}"\n`,
      /and there is both/,
    ],
    [
      'no anchor',
      '[[sources]]\ntype = "signing-key"\nsigner = "me"\n',
      /^1:3: exactly one of `public_key` and `certificate` belongs here, and there is none/,
    ],
    [
      'a certificate that is no fingerprint',
      '[[sources]]\ntype = "signing-key"\ncertificate = "root.pem"\n',
      /^3:15: `root.pem` is not a digest/,
    ],
    ['a relative path', '[[sources]]\ntype = "local"\npath = "opt/**"\n', /^3:9: `opt\/\*\*` is not absolute/],
    ['a path with dots', '[[sources]]\ntype = "local"\npath = "/opt/../x"\n', /^3:14: /],
    ['a local source without a path', '[[sources]]\ntype = "local"\n', /`path` is missing/],
    [
      'a path that is a number',
      '[[sources]]\ntype = "local"\npath = 7\n',
      /a whole number stands where a path pattern in quotes belongs/,
    ],
    ['a digest in capitals', `[[revoked]]\ndigest = "${digestText('A')}"\n`, /is not a digest/],
    ['a revocation of nothing', '[[revoked]]\n', /exactly one of `digest` and `key` belongs here, and there is none/],
    ['a revoked key that is none', '[[revoked]]\nkey = "x"\n', /does not begin with/],
    ['a revocation that is no table', 'revoked = [7]\n', /a whole number stands where a table belongs/],
    [
      'a key that is a list',
      '[[sources]]\ntype = "signing-key"\npublic_key = []\n',
      /a list stands where a public key in quotes belongs/,
    ],
    ['a blank signer', `[[sources]]\ntype = "signing-key"\npublic_key = "${key}"\nsigner = " "\n`, /the text is blank/],
    ['no TOML', '[[sources]\n', /^1:/],
    ['too large', `# ${'x'.repeat(256 * 1024)}`, /too large/],
  ])('%s', (_, text, says) => {
    expect(findings(text)).toHaveLength(1)
    expect(findings(text)[0]).toMatch(says)
  })

  it('all of it at once', () => {
    expect(
      findings('[[sources]]\ntype = "root"\n[[sources]]\ntype = "local"\npath = "x"\n[[revoked]]\nkey = "x"\n'),
    ).toHaveLength(3)
  })

  it('bytes that are no text', () => {
    expect(findings(Buffer.from([0x23, 0xff]))[0]).toContain('not UTF-8')
  })
})
