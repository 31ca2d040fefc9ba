// Whatever names a guest tries, in whatever tree of links: what it reads is inside its grant, and nothing leaks.
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, open, outcome, TestGuest, temporaryDirectory } from '../guest.test-support.js'

afterEach(cleanUp)

const names = ['a', 'b', 'l', 'm'] as const
const segment = fc.constantFrom(...names, '.', '..', '', 'secret', 'out', 'box')
const guestPath = fc
  .tuple(fc.constantFrom('', 'box/', 'box/', 'box/a/'), fc.array(segment, { minLength: 1, maxLength: 8 }))
  .map(([start, segments]) => start + segments.join('/'))
const target = fc
  .tuple(fc.boolean(), fc.array(fc.constantFrom(...names, '..', '..', 'out', 'box'), { minLength: 1, maxLength: 5 }))
  .map(([absolute, segments]) => (absolute ? '/' : '') + segments.join('/'))

/** Where in the box, and what: a directory, a file with its own path in it, or a link. */
const entry = fc.record({
  where: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
  name: fc.constantFrom(...names),
  what: fc.oneof(fc.constant('directory'), fc.constant('file'), target),
})

function build(box: string, entries: readonly { where: string[]; name: string; what: string }[]): void {
  for (const { where, name, what } of entries) {
    const at = path.join(box, ...where, name)
    const parents = where.map((_, depth) => path.join(box, ...where.slice(0, depth + 1)))
    try {
      // What builds the tree must not itself walk out through a link that it made, and `wx` makes no file behind one.
      if (parents.some((one) => fs.lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink())) continue
      fs.mkdirSync(path.dirname(at), { recursive: true })
      if (what === 'directory') fs.mkdirSync(at)
      else if (what === 'file') fs.writeFileSync(at, 'INSIDE', { flag: 'wx' })
      else fs.symlinkSync(what, at)
    } catch {
      // The name is taken: another tree is as good.
    }
  }
}

describe('the walk', () => {
  it('reads only what is inside and granted, keeps the disk outside as it was, and closes what it opened', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 10 }),
        fc.array(guestPath, { minLength: 5, maxLength: 20 }),
        (tree, tried) => {
          const top = temporaryDirectory()
          for (const name of ['box', 'out']) fs.mkdirSync(path.join(top, name))
          for (const name of ['a', 'b', 'l', 'm', 'secret']) fs.writeFileSync(path.join(top, 'out', name), 'SECRET')
          build(path.join(top, 'box'), tree)
          const allow = ['read /box/**', 'write /box/**', 'create /box/**', 'delete /box/**']
          const guest = new TestGuest({
            allow,
            deny: ['read /box/b/**'],
            mounts: { '/box': { host: path.join(top, 'box') } },
          })
          const root = guest.root()
          const idle = guest.host.openDescriptors()
          for (const name of tried) {
            outcome(() => {
              const fd = open(root, name)
              try {
                // Empty are the files that the guest made itself, also through a link whose target was not there.
                expect(['INSIDE', '']).toContain(Buffer.from(fd.read(10n, 0n)[0]).toString())
                expect(guest.records.at(-1)?.resource).not.toMatch(/^\/box\/b(\/|$)/)
              } finally {
                fd[Symbol.dispose]()
              }
            })
            outcome(() => open(root, name, { write: true, create: true })[Symbol.dispose]())
            outcome(() => root.createDirectoryAt(name))
            outcome(() => root.unlinkFileAt(name))
            outcome(() => root.renameAt(name, root, 'box/a/m'))
            expect(guest.host.openDescriptors()).toBe(idle)
          }
          expect(fs.readdirSync(top).sort()).toEqual(['box', 'out'])
          expect(fs.readdirSync(path.join(top, 'out')).sort()).toEqual(['a', 'b', 'l', 'm', 'secret'])
          for (const name of fs.readdirSync(path.join(top, 'out'))) {
            expect(fs.readFileSync(path.join(top, 'out', name), 'utf8')).toBe('SECRET')
          }
          expect(guest.hostilities).toEqual([])
          cleanUp()
        },
      ),
      { numRuns: 60 },
    )
  })
})
