// A real Chromium without a window, and what it complained about. Skipped, and said to be, where there is none.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { root } from '../command.js'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = places.find((path) => existsSync(path))
export const hasBrowser = found !== undefined
if (!hasBrowser) {
  // Who promised one is to hear of it (`.ci/run`).
  const { BULKHEAD_BROWSER: promised } = process.env
  if (promised === 'chromium') throw new Error('chromium was promised and is not here')
  console.log('skipped: no Chromium here (`apt-get install chromium`), so the live page is not tried in a browser')
}

/** How long anything that must come may take, in milliseconds. */
export const patienceMs = 40_000
const pictures = join(root, '.cache/inspector-page')

export async function openBrowser(): Promise<Browser> {
  // Chromium's own sandbox does not start for root, and wants more of a container than it has.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({
    executablePath: found ?? '',
    args: [...asRoot, '--disable-dev-shm-usage', '--disable-gpu'],
    timeout: patienceMs,
  })
}

export type Watched = {
  readonly page: Page
  /** Errors and warnings of the console, uncaught errors, violations of the content security policy. */
  readonly complaints: readonly string[]
  /** Answers with an error status and requests that failed: the browser itself writes them to the console. */
  readonly failures: readonly string[]
  /** Hosts that anything was asked of. */
  readonly hosts: ReadonlySet<string>
  readonly picture: (name: string) => Promise<void>
}

/** A page that is watched from its first request on. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, ...options })
  page.setDefaultTimeout(patienceMs)
  const complaints: string[] = []
  const failures: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const text = message.text()
    if (text.startsWith('Failed to load resource')) failures.push(text)
    else complaints.push(text)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog opened: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'data:') hosts.add(host)
  })
  await page.exposeFunction('tellViolation', (what: string) => complaints.push(`violation: ${what}`))
  await page.addInitScript(() => {
    const scope = globalThis as unknown as {
      addEventListener: (type: string, listener: (event: { violatedDirective: string }) => void) => void
      tellViolation: (what: string) => void
    }
    scope.addEventListener('securitypolicyviolation', ({ violatedDirective }) => scope.tellViolation(violatedDirective))
  })
  await page.goto(url)
  const picture = async (name: string): Promise<void> => {
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }
  return { page, complaints, failures, hosts, picture }
}
