import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gitUrl } from './git-url.js'
import { urlCharactersMax } from './limits.js'

describe('the URL of a repository', () => {
  it.each([
    'https://github.com/myorg/app',
    'https://GitHub.com/myorg/app.git',
    'https://github.com:443/myorg/app/',
    'HTTPS://github.com/myorg/app.git/',
    'git@github.com:myorg/app.git',
    'ssh://git@github.com/myorg/app',
    'ssh://github.com:22/myorg/app.git',
    'git+ssh://git@github.com/myorg/app',
    'git+https://github.com/myorg/app.git',
  ])('%s has one spelling', (url) => {
    expect(gitUrl(url)).toBe('https://github.com/myorg/app')
  })

  it('keeps what makes another repository', () => {
    expect(gitUrl('https://github.com/MyOrg/App')).toBe('https://github.com/MyOrg/App')
    expect(gitUrl('https://git.example.com:8443/a/b/c')).toBe('https://git.example.com:8443/a/b/c')
    expect(gitUrl('ssh://git@git.example.com:2222/a/b')).toBe('ssh://git.example.com:2222/a/b')
    expect(gitUrl('https://github.com/a/b.git.git')).toBe('https://github.com/a/b.git')
  })

  it.each([
    'https://token@github.com/myorg/app',
    'https://git@github.com/myorg/app',
    'https://user:word@github.com/myorg/app',
    'https://github.com@evil.example/myorg/app',
    'ssh://root@github.com/myorg/app',
    'https://github.com/myorg/../other/app',
    'https://github.com/myorg/./app',
    'https://github.com/myorg/%2e%2e/app',
    'https://github.com/myorg//app',
    'https://github.com/myorg/app?x=1',
    'https://github.com/myorg/app#x',
    'https://github.com\\@evil.example/myorg/app',
    'https://github.com/myorg/app\n',
    'https://gıthub.com/myorg/app',
    'https://-github.com/a',
    'https://.github.com/a',
    'https://github..com/a',
    'https://github.com/',
    'https://github.com',
    'http://github.com/myorg/app',
    'git://github.com/myorg/app',
    'file:///srv/app',
    '/srv/app',
    'git@github.com:/myorg/app',
    'git@github.com:../app',
    'evil@github.com:myorg/app',
    '',
    `https://github.com/${'a'.repeat(1100)}`,
  ])('%j is none', (url) => {
    expect(gitUrl(url)).toBeUndefined()
  })

  it('is as long as it may be, and no longer', () => {
    const start = 'https://example.com/'
    const longest = start + 'a'.repeat(urlCharactersMax - start.length)
    expect(gitUrl(longest)).toBe(longest)
    expect(gitUrl(`${longest}a`)).toBeUndefined()
  })

  it('has a spelling that is its own', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/)
    fc.assert(
      fc.property(
        fc.constantFrom('https://', 'ssh://git@', 'git@'),
        fc.array(segment, { minLength: 1 }),
        (start, segments) => {
          const path = segments.join('/')
          const url = gitUrl(start === 'git@' ? `git@example.com:${path}` : `${start}example.com/${path}`)
          if (url === undefined) return
          expect(url).toMatch(/^https:\/\/example\.com\/[^/]/)
          expect(url).not.toMatch(/\/\.{1,2}(\/|$)/)
          if (!url.endsWith('.git')) expect(gitUrl(url)).toBe(url)
        },
      ),
    )
  })
})
