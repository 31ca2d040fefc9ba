import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import type { DecidedAnswer, OrderAnswer, ReleaseAnswer } from './api-types.js'
import { childOf } from './child-path.js'
import { named } from './children.js'
import type { Inspected } from './inspector-app.js'
import { approveForm, childForm, denyForm, releaseForm } from './order-forms.js'
import { readOrder } from './read-order.js'
import { found, refused } from './refusal.js'

const author = 'inspector'

/** What changes something. Each order is checked whole before anything is done. */
export function orderRoutes(app: Hono, { runtime }: Inspected): void {
  const { approvals, orders } = runtime
  order('reviews', 'approve', approveForm, async (child, { narrow, reason, fingerprint }): Promise<DecidedAnswer> => {
    const options = { author, fingerprint, ...(narrow && { narrow }), ...(reason && { reason }) }
    return await approvals.approve(await subjectOf(child), options)
  })
  order('reviews', 'deny', denyForm, async (child, given): Promise<DecidedAnswer> => {
    return await approvals.deny(await subjectOf(child), { author, ...given })
  })
  for (const what of ['restart', 'stop', 'start'] as const) {
    order('children', what, childForm, async (child): Promise<OrderAnswer> => {
      return { members: await found(orders[what](child, { author })) }
    })
  }
  order('children', 'release', releaseForm, async (child, { reason }): Promise<ReleaseAnswer> => {
    return { released: await found(runtime.release(child, reason, { author })) }
  })

  function order<Form>(
    of: string,
    what: string,
    form: z.ZodType<Form>,
    carryOut: (child: string, order: Form) => Promise<unknown>,
  ): void {
    const handle = async (context: Context): Promise<Response> => {
      const read = await readOrder(context, form)
      if ('refusal' in read) return refused(read.refusal)
      return Response.json(await carryOut(childOf(context), read.order))
    }
    app.post(`/api/${of}/:name/${what}`, handle)
    app.post(`/api/${of}/:tenant/:name/${what}`, handle)
  }

  /** The child that a decision is about, if there is one: what else is wrong with a decision is not that. */
  async function subjectOf(name: string): Promise<string> {
    const { subject } = named(name, runtime.report())
    await found(runtime.policy.show(subject))
    return subject
  }
}
