import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { changeableBy, surveyComponent, surveyFile } from './file-survey.js'
import { readPieceBytes, tokenCharactersMax } from './limits.js'
import { readComponentSignature, readPolicySignature } from './signature-files.js'

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-trust-')))
})

describe('the survey of a file', () => {
  it('follows links to the real path, and looks at all that is above it', () => {
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real', 'app.wasm'), '')
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    const survey = surveyFile(join(folder, 'link', 'app.wasm'))
    expect(survey.path).toBe(join(folder, 'real', 'app.wasm'))
    expect(survey.chain.map(({ path }) => path).slice(0, 3)).toEqual([survey.path, join(folder, 'real'), folder])
    expect(survey.chain.at(-1)?.path).toBe('/')
    expect(survey.chain[0]?.uid).toBe(process.getuid?.())
  })

  it('says who else could change it', () => {
    const file = join(folder, 'app.wasm')
    writeFileSync(file, '')
    const below = (survey: ReturnType<typeof surveyFile>): ReturnType<typeof surveyFile> => ({
      ...survey,
      chain: survey.chain.filter(({ path }) => path.startsWith(folder)),
    })
    chmodSync(file, 0o644)
    expect(changeableBy(below(surveyFile(file)))).toBeUndefined()
    chmodSync(file, 0o664)
    expect(changeableBy(below(surveyFile(file)))).toBe(`others may write \`${file}\` (mode 664)`)
    chmodSync(file, 0o644)
    chmodSync(folder, 0o777)
    expect(changeableBy(surveyFile(file))).toBe(`others may write \`${folder}\` (mode 777)`)
    expect(() => surveyFile(join(folder, 'absent'))).toThrow('ENOENT')
  })
})

describe('the digest of a survey', () => {
  it('is of the bytes that lie there when it is asked for, whatever a link shows by then', () => {
    writeFileSync(join(folder, 'good.wasm'), 'good')
    writeFileSync(join(folder, 'evil.wasm'), 'evil')
    symlinkSync('good.wasm', join(folder, 'app.wasm'))
    const { file, manifestFile } = surveyComponent(join(folder, 'app.wasm'), join(folder, 'evil.wasm'))
    rmSync(join(folder, 'app.wasm'))
    symlinkSync('evil.wasm', join(folder, 'app.wasm'))
    expect(file.digest()).toBe(sha256('good'))
    expect(manifestFile?.digest()).toBe(sha256('evil'))
    writeFileSync(join(folder, 'good.wasm'), 'x'.repeat(readPieceBytes + 1))
    expect(file.digest()).toBe(sha256('x'.repeat(readPieceBytes + 1)))
  })

  it('is of regular files only, and follows no link that came later', () => {
    const path = join(folder, 'app.wasm')
    writeFileSync(path, '')
    const { file, manifestFile } = surveyComponent(path, undefined)
    expect([file.digest(), manifestFile]).toEqual([sha256(''), undefined])
    rmSync(path)
    mkdirSync(path)
    expect(file.digest).toThrow('is no regular file')
    rmdirSync(path)
    symlinkSync('elsewhere', path)
    expect(file.digest).toThrow('ELOOP')
    expect(() => surveyComponent(folder, join(folder, 'absent'))).toThrow('ENOENT')
  })
})

describe('signatures beside files', () => {
  it('bear the name of the file, or are the only one of a folder', () => {
    const file = join(folder, 'app.wasm')
    writeFileSync(file, '')
    expect(readComponentSignature(file)).toBeUndefined()
    writeFileSync(join(folder, 'component.sig'), 'of the folder\n')
    expect(readComponentSignature(file)).toBe('of the folder')
    writeFileSync(`${file}.sig`, 'its own')
    expect(readComponentSignature(file)).toBe('its own')
    writeFileSync(join(folder, 'other.wasm'), '')
    expect(readComponentSignature(join(folder, 'other.wasm'))).toBeUndefined()
    expect(readPolicySignature(file)).toBe('its own')
    expect(readPolicySignature(join(folder, 'ingest.policy.toml'))).toBeUndefined()
  })

  it('that cannot be one are broken, not absent', () => {
    const broken = expect.objectContaining({ code: 'signature-invalid' })
    const file = join(folder, 'app.wasm')
    mkdirSync(`${file}.sig`)
    expect(() => readPolicySignature(file)).toThrow(broken)
    writeFileSync(join(folder, 'large.sig'), 'x'.repeat(tokenCharactersMax))
    expect(readPolicySignature(join(folder, 'large'))).toHaveLength(tokenCharactersMax)
    writeFileSync(join(folder, 'large.sig'), 'x'.repeat(tokenCharactersMax + 1))
    expect(() => readPolicySignature(join(folder, 'large'))).toThrow(broken)
    symlinkSync('loop.sig', join(folder, 'loop.sig'))
    expect(() => readPolicySignature(join(folder, 'loop'))).toThrow(broken)
  })
})
