import type { Runtime } from 'bulkhead'
import type { Hono } from 'hono'
import type { Inspected } from './inspector-app.js'
import { prometheusText, prometheusType, type ScrapedMetrics } from './prometheus-text.js'
import { refused } from './refusal.js'

type Metered = Runtime & { readonly metrics?: () => ScrapedMetrics }

/** The numbers, computed when somebody asks for them: who asks while they are computed gets the same. */
export function metricsRoutes(app: Hono, { runtime }: Inspected): void {
  let underWay: Promise<string> | undefined
  const { metrics }: Metered = runtime
  const compute = async (snapshot: () => ScrapedMetrics): Promise<string> => {
    try {
      return await prometheusText(snapshot())
    } finally {
      underWay = undefined
    }
  }
  app.get('/metrics', async () => {
    if (metrics === undefined) return refused(unmetered)
    underWay ??= compute(metrics)
    return new Response(await underWay, { headers: { 'content-type': prometheusType } })
  })
}

const unmetered = { status: 404, code: 'metrics-missing', message: 'this runtime counts nothing' }
