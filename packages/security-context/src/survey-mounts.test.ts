import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultForbidden, forbidOwnDirectories } from '@bulkhead/policy'
import { afterAll, expect, test } from 'vitest'
import { surveyMounts, surveyOwnDirectories } from './survey-mounts.js'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'survey-')))
afterAll(() => rmSync(root, { recursive: true }))
mkdirSync(join(root, 'data'))
mkdirSync(join(root, 'state', 'audit'), { recursive: true })
writeFileSync(join(root, 'file.txt'), 'x')
symlinkSync(join(root, 'data'), join(root, 'link'))
symlinkSync('/proc', join(root, 'innocent'))

const own = surveyOwnDirectories([join(root, 'state'), join(root, 'not-there-yet')])
const forbidden = [...defaultForbidden, ...forbidOwnDirectories(own.map(({ path }) => path))]
const survey = (hostPath: string) =>
  surveyMounts([{ guestPath: '/m', hostPath, mode: 'read', hardlinks: false }], forbidden, own)

test('directories and regular files are mounted by their real path', () => {
  expect(survey(join(root, 'link')).mounts).toMatchObject([{ hostPath: join(root, 'data'), kind: 'directory' }])
  expect(survey(join(root, 'file.txt')).mounts).toMatchObject([{ kind: 'file' }])
})

test('a directory that only holds the state directory may be mounted', () => {
  expect(survey(root).problems).toEqual([])
})

test.each([
  ['a missing directory', 'missing', /there is nothing at/],
  ['a link into a forbidden directory', 'innocent', /forbidden list covers it with `\/proc\/\*\*`/],
  ['the state directory', 'state', /belongs to the runtime itself/],
  ['a directory inside it', 'state/audit', /belongs to the runtime itself/],
])('%s is refused with a reason', (_name, path, message) => {
  const { mounts, problems } = survey(join(root, path))
  expect(mounts).toEqual([])
  expect(problems[0]?.message).toMatch(message)
})

test('a socket is neither', async () => {
  const path = join(root, 'socket')
  const server = createServer().listen(path)
  await new Promise((resolve) => server.once('listening', resolve))
  expect(survey(path).problems[0]?.message).toMatch(/neither a directory nor a regular file/)
  server.close()
})
