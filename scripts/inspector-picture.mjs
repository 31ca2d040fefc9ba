// Draws docs/images/inspector.png: the live page in front of the tree of docs/examples/misbehaving, and of one child more that
// waits for a review. Needs Chromium; `npm run build` comes before it.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openInspector } from '@bulkhead/inspector'
import { createRuntime } from 'bulkhead'
import { chromium } from 'playwright-core'
import { withLiveTree } from './live-tree.mjs'

const picture = fileURLToPath(new URL('../docs/images/inspector.png', import.meta.url))
const bytesMax = 300 * 1024
const patienceMs = 60_000

await withLiveTree(draw)
const { size } = statSync(picture)
console.log(`${picture}: ${Math.round(size / 1024)} KiB`)
if (size > bytesMax) throw new Error(`the picture has ${size} bytes, of at most ${bytesMax}`)

/** @param {string} folder */
async function draw(folder) {
  const runtime = await createRuntime({ tree: join(folder, 'bulkhead.toml') })
  const inspector = await openInspector(runtime, { listen: '127.0.0.1:0' })
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...asRoot, '--disable-dev-shm-usage', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' })
    page.setDefaultTimeout(patienceMs)
    await page.goto(inspector.url)
    await page.locator('[role=treeitem][data-name=flooder]').click()
    await page.getByRole('img', { name: /^Memory/ }).waitFor()
    const flooder = page.locator('[role=treeitem][data-name=flooder]')
    await flooder.filter({ hasText: /process|quarantine/ }).waitFor()
    // Enough for the plots to have a shape.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    await page.screenshot({ path: picture })
  } finally {
    await browser.close()
    await inspector.close()
    await runtime.stop()
  }
}
