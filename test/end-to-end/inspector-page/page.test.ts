// The live page before the eyes of an operator: a real tree, the real server, a real browser.
import { openInspector } from '@bulkhead/inspector'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { readFile, type Session, World } from '../authority/world.js'
import { hasBrowser, openBrowser, openPage, patienceMs, type Watched } from './browser.js'

const token = 'a-token-for-the-tests-of-the-page'
const markup = '<img src=x onerror=alert(1)>'
const evil = `/data/${markup}`
const asks = `filesystem.read = [{ pattern = "/data/**", optional = true, why = "${markup}" }]`
const stranger = { grants: [asks], mounts: { '/data': '"data"' }, isPinned: false }

let browser: Browser
let world: World
let session: Session
let inspector: Awaited<ReturnType<typeof openInspector>>
let watched: Watched

async function start(listen = '127.0.0.1:0'): Promise<void> {
  session = await world.start()
  inspector = await openInspector(session.runtime, { listen, token })
}

async function end(): Promise<void> {
  await inspector.close()
  await world.stop()
}

async function look(fragment = `#token=${token}`): Promise<Page> {
  watched = await openPage(browser, `${inspector.url}${fragment}`)
  return watched.page
}

const visible = (locator: Locator): Promise<void> => locator.first().waitFor({ state: 'visible' })
const treeItem = (page: Page, name: string): Locator => page.locator(`[role=treeitem][data-name="${name}"]`)
const stream = (page: Page): Locator => page.getByRole('log')
const dialogOf = (page: Page): Locator => page.getByRole('dialog')

beforeAll(async () => {
  if (!hasBrowser) return
  world = new World()
  world.write('data/a', 'A')
  world.write('data/b', 'B')
  world.write(evil.slice(1), 'C')
  const grants = ['filesystem.read = [{ pattern = "/data/a", why = "sums" }]']
  world.tree({
    agent: { grants, mounts: { '/data': '"data"' } },
    late: stranger,
    less: stranger,
    never: stranger,
    forger: {
      component: guestFile('forged-handle-never'),
      grants: ['filesystem.read = ["/d"]'],
      mounts: { '/d': '"data"' },
      lines: ['restart = "permanent"'],
    },
  })
  browser = await openBrowser()
  await start()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await inspector?.close()
  await world?.remove()
})

describe.skipIf(!hasBrowser)('the live page', { timeout: 180_000 }, () => {
  afterEach(async () => {
    if (watched === undefined) return
    expect(watched.complaints).toEqual([])
    expect([...watched.hosts]).toEqual([new URL(inspector.url).host])
    await watched.page.context().close()
  })

  it('shows how the tree stands, and takes the token out of the address', async () => {
    const page = await look()
    await visible(page.getByRole('status').filter({ hasText: 'connected' }))
    await visible(treeItem(page, 'agent').filter({ hasText: 'running' }))
    await visible(treeItem(page, 'late').filter({ hasText: 'waiting' }))
    expect(page.url()).toBe(inspector.url.endsWith('/') ? inspector.url : `${inspector.url}/`)
    await visible(page.getByRole('button', { name: /late asks for/ }))
    // The page asked for a look at the walls: which are up depends on the machine.
    await visible(page.getByRole('list', { name: 'Health' }).getByText(/^walls: (?!not looked at)/))
    await visible(page.getByRole('region', { name: 'All together' }).getByText(/1 running/))
    expect(watched.failures).toEqual([])
    expect(await page.title()).toMatch(/^[●▲✕] (ok|degraded|failed) · Bulkhead$/)
  })

  it('shows a denial of a guest as it happens, and what would allow it', async () => {
    const page = await look()
    await treeItem(page, 'agent').click()
    await visible(page.getByRole('cell', { name: /filesystem\.read \/data\/a/ }))
    await visible(page.getByRole('cell', { name: /agent\.component\.toml/ }))
    expect(await stream(page).getByText('/data/b', { exact: false }).count()).toBe(0)
    expect(await session.ask('agent', readFile('/data/a'))).toEqual({ value: 'A' })
    expect(await session.ask('agent', readFile('/data/b'))).toEqual({ errno: 'EACCES' })
    await visible(stream(page).locator('.entry').filter({ hasText: 'filesystem.read /data/b' }))
    const denials = page.getByRole('region', { name: 'What was denied' })
    await visible(denials.filter({ hasText: '/data/b' }).locator('.hint'))
    expect(await denials.getByText('filesystem.read /data/a', { exact: true }).count()).toBe(0)
    await visible(page.getByRole('img', { name: /^Memory: now .*MiB/ }))
    await watched.picture('denial')
  })

  it('sets as text what components say', async () => {
    const page = await look()
    await session.ask('agent', readFile(evil))
    await visible(stream(page).locator('.entry').filter({ hasText: markup }))
    await treeItem(page, 'agent').click()
    await visible(page.getByRole('region', { name: 'What was denied' }).getByText(markup))
    await page.getByRole('button', { name: /late asks for/ }).click()
    await visible(page.locator('q').filter({ hasText: markup }))
    expect(await page.locator('img').count()).toBe(0)
    await watched.picture('markup')
  })

  it('refuses markup that its own script would make: Trusted Types are enforced', async () => {
    const page = await look()
    await visible(treeItem(page, 'agent'))
    const thrown = await page.evaluate(
      `try { document.body.innerHTML = '<i>x</i>'; 'set' } catch (error) { error.name }`,
    )
    expect(thrown).toBe('TypeError')
    const violation = /require-trusted-types-for|TrustedHTML/
    expect(watched.complaints.filter((one) => !violation.test(one))).toEqual([])
    // They were provoked.
    ;(watched.complaints as string[]).length = 0
  })

  it('tells of a wrong token, and takes the right one', async () => {
    const page = await look('')
    const before = session.runtime.children().find(({ id }) => id === 'agent')?.incarnation ?? 0
    session.forgetOrders('agent')
    await treeItem(page, 'agent').click()
    await page.getByRole('button', { name: 'Restart' }).click()
    const dialog = dialogOf(page)
    await dialog.getByLabel(/Token/).fill('ключ')
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await visible(dialog.getByRole('alert').filter({ hasText: 'this is no token' }))
    await dialog.getByLabel(/Token/).fill('not-the-token-at-all')
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await visible(dialog.getByRole('alert').filter({ hasText: 'not the right one' }))
    expect(session.runtime.children().find(({ id }) => id === 'agent')?.incarnation).toBe(before)
    expect(watched.failures).toHaveLength(1)
    await dialog.getByLabel(/Token/).fill(token)
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await session.until(() => {
      const agent = session.runtime.children().find(({ id }) => id === 'agent')
      return (agent?.incarnation ?? 0) > before && agent?.state === 'running'
    }, 'the restart')
    await visible(page.locator('.child-facts').filter({ hasText: `incarnation ${before + 1}` }))
    await page.reload()
    await treeItem(page, 'agent').click()
    await page.getByRole('button', { name: 'Stop' }).click()
    // It is kept for this tab.
    expect(await dialogOf(page).getByLabel(/Token/).count()).toBe(0)
    await page.keyboard.press('Escape')
    await dialogOf(page).waitFor({ state: 'hidden' })
    // The focus is back where it was.
    await page.locator('button:focus').filter({ hasText: 'Stop' }).waitFor()
  })

  it('approves a child that waits: it runs with all that it asked for', async () => {
    const page = await look()
    await page.getByRole('button', { name: /late asks for/ }).click()
    await page.getByRole('button', { name: 'Approve late' }).click()
    await watched.picture('approve')
    await dialogOf(page).getByRole('button', { name: 'Approve' }).click()
    await dialogOf(page).waitFor({ state: 'hidden' })
    await visible(treeItem(page, 'late').filter({ hasText: 'running' }))
    expect(await session.ask('late', readFile('/data/b'))).toEqual({ value: 'B' })
    await page.getByRole('button', { name: /late asks for/ }).waitFor({ state: 'detached' })
  })

  it('approves with less, by a pattern that is narrower', async () => {
    const page = await look()
    await page.getByRole('button', { name: /less asks for/ }).click()
    await page.getByLabel(/Pattern of filesystem.read \/data/).fill('/data/a')
    await page.getByRole('button', { name: 'Approve less with less' }).click()
    await visible(dialogOf(page).getByText('filesystem.read=/data/a'))
    await dialogOf(page).getByRole('button', { name: 'Approve' }).click()
    await visible(treeItem(page, 'less').filter({ hasText: 'running' }))
    expect(await session.ask('less', readFile('/data/a'))).toEqual({ value: 'A' })
    expect(await session.ask('less', readFile('/data/b'))).toEqual({ errno: 'EACCES' })
  })

  it('denies with a reason, and not without', async () => {
    const page = await look()
    await page.getByRole('button', { name: /never asks for/ }).click()
    await page.getByRole('button', { name: 'Deny never' }).click()
    const dialog = dialogOf(page)
    await dialog.getByRole('button', { name: 'Deny' }).click()
    expect(await dialog.isVisible()).toBe(true)
    await dialog.getByLabel(/Reason/).fill(`no ${markup}`)
    await dialog.getByRole('button', { name: 'Deny' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await session.until(() => session.reason('never') === 'approval-denied', 'the denial')
    await page.getByRole('button', { name: /never asks for/ }).waitFor({ state: 'detached' })
    expect(await page.locator('img').count()).toBe(0)
  })

  it('goes through the tree, chooses and orders by keys alone', async () => {
    const page = await look()
    const rootItem = treeItem(page, 'root')
    await visible(rootItem)
    await rootItem.focus()
    expect(await rootItem.getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('ArrowLeft')
    await page.locator('[data-name=root][aria-expanded=false]').waitFor()
    expect(await treeItem(page, 'agent').count()).toBe(0)
    await page.keyboard.press('ArrowRight')
    await visible(treeItem(page, 'agent'))
    await page.keyboard.press('ArrowDown')
    await page.locator('[data-name=agent]:focus').waitFor()
    await treeItem(page, 'agent').press('Enter')
    await page.locator('[data-name=agent][aria-selected=true]').waitFor()
    await visible(page.getByRole('heading', { name: 'agent', exact: true }))
    expect(await page.locator('[role=treeitem][tabindex="0"]').count()).toBe(1)
    const stop = page.getByRole('button', { name: 'Stop' })
    // To focus and to press is one step: what the page is told in between may draw it anew.
    await stop.press('Enter')
    await dialogOf(page).getByRole('button', { name: 'Stop' }).press('Enter')
    await visible(treeItem(page, 'agent').filter({ hasText: 'stopped' }))
    session.forgetOrders('agent')
    await page.getByRole('button', { name: 'Start' }).click()
    await dialogOf(page).getByRole('button', { name: 'Start' }).click()
    await visible(treeItem(page, 'agent').filter({ hasText: 'running' }))
  })

  it('shows why a child is in quarantine, and releases it for a reason', async () => {
    const page = await look()
    await treeItem(page, 'forger').filter({ hasText: 'quarantined' }).click()
    await visible(page.locator('.child-facts').filter({ hasText: 'forged-handle' }))
    await visible(page.locator('.child-facts').filter({ hasText: 'stays until it is released' }))
    await page.getByRole('button', { name: 'Release' }).click()
    await dialogOf(page)
      .getByLabel(/Reason/)
      .fill('a slip, its author says')
    await dialogOf(page).getByRole('button', { name: 'Release' }).click()
    await dialogOf(page).waitFor({ state: 'hidden' })
    await visible(stream(page).locator('.entry').filter({ hasText: 'child.released' }))
    // It does it again.
    await visible(treeItem(page, 'forger').filter({ hasText: 'quarantined' }))
  })

  it('filters what happens, and stands still while somebody points at it', async () => {
    const page = await look()
    await visible(treeItem(page, 'agent').filter({ hasText: 'running' }))
    await session.ask('agent', readFile('/data/b'))
    await visible(stream(page).locator('.entry').filter({ hasText: '/data/b' }))
    await page.getByLabel('Which lines').selectOption('denial')
    await visible(stream(page).locator('.entry').filter({ hasText: 'denied' }))
    expect(await stream(page).locator('.entry').filter({ hasText: 'child.ready' }).count()).toBe(0)
    await page.getByLabel('Only lines with this text').fill('no such line')
    await visible(stream(page).getByText('Nothing like that.'))
    await page.getByLabel('Only lines with this text').fill('')
    await stream(page).hover()
    await visible(page.getByText('paused, 0 newer'))
    const shown = await stream(page).locator('.entry').count()
    await session.ask('agent', readFile(evil))
    await visible(page.getByText(/paused, [1-9]\d* newer/))
    expect(await stream(page).locator('.entry').count()).toBe(shown)
    await page.mouse.move(0, 0)
    await page.getByText(/paused/).waitFor({ state: 'detached' })
  })

  it('fits narrow and wide windows, light and dark', async () => {
    for (const [width, colorScheme] of [
      [360, 'light'],
      [360, 'dark'],
      [2000, 'dark'],
    ] as const) {
      const { page, complaints, picture } = await openPage(browser, inspector.url, {
        viewport: { width, height: 900 },
        colorScheme,
        reducedMotion: 'reduce',
      })
      await treeItem(page, 'agent').click()
      await visible(page.getByRole('cell', { name: /filesystem\.read \/data\/a/ }))
      const wide = await page.evaluate('document.documentElement.scrollWidth')
      expect(wide).toBeLessThanOrEqual(width)
      await picture(`${colorScheme}-${width}`)
      expect(complaints).toEqual([])
      await page.context().close()
    }
  })

  it('asks for the token before it shows anything where others can reach the server', async () => {
    const open = await openInspector(session.runtime, { listen: '0.0.0.0:0', token })
    const url = `http://127.0.0.1:${new URL(open.url).port}/`
    const locked = await openPage(browser, url)
    const { page } = locked
    await visible(page.getByRole('status').filter({ hasText: 'nothing without its token' }))
    expect(await page.getByRole('treeitem').count()).toBe(0)
    await page.getByRole('button', { name: 'Give the token' }).click()
    await dialogOf(page).getByLabel(/Token/).fill('not-the-token-at-all')
    await dialogOf(page).getByRole('button', { name: 'Connect' }).click()
    await visible(dialogOf(page).getByRole('alert').filter({ hasText: 'not the right one' }))
    await dialogOf(page).getByLabel(/Token/).fill(token)
    await dialogOf(page).getByRole('button', { name: 'Connect' }).click()
    await visible(treeItem(page, 'agent').filter({ hasText: 'running' }))
    await visible(page.getByRole('status').filter({ hasText: 'connected' }))
    expect(locked.complaints).toEqual([])
    await page.context().close()
    await open.close()
  })

  it('says when the server is gone, comes back to another one, and says that too', async () => {
    const page = await look()
    await visible(page.getByRole('status').filter({ hasText: 'connected' }))
    await visible(treeItem(page, 'agent'))
    const { host } = new URL(inspector.url)
    await end()
    await visible(page.getByRole('status').filter({ hasText: 'not connected' }))
    await watched.picture('gone')
    await start(host)
    await page.locator('.connection .good').waitFor({ timeout: 2 * patienceMs })
    await visible(stream(page).locator('.entry').filter({ hasText: 'connected again' }))
    await visible(stream(page).locator('.entry').filter({ hasText: 'this is another runtime' }))
    await visible(treeItem(page, 'agent').filter({ hasText: 'running' }))
  })
})
