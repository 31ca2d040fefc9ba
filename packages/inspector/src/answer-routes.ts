import type { Context, Hono } from 'hono'
import type { ChildAnswer, DenialsAnswer, ReviewsAnswer, SamplesAnswer, TreeAnswer } from './api-types.js'
import { childOf } from './child-path.js'
import { named } from './children.js'
import type { Inspected } from './inspector-app.js'
import { found } from './refusal.js'

/** What is asked about the tree; nothing is changed by it. */
export function answerRoutes(app: Hono, { runtime, board, mayDecide }: Inspected): void {
  app.get('/api/tree', () => json<TreeAnswer>(runtime.report()))
  app.get('/api/denials', () => json<DenialsAnswer>({ denials: board.denials.after(0) }))
  app.get('/api/samples', () => {
    board.look()
    return json<SamplesAnswer>({ samples: board.samples.after(0) })
  })
  app.get('/api/reviews', async () => json<ReviewsAnswer>({ reviews: await runtime.approvals.list() }))
  for (const path of ['/:name', '/:tenant/:name']) {
    app.get(`/api/children${path}`, child)
    app.get(`/api/reviews${path}`, review)
  }

  async function child(context: Context): Promise<Response> {
    const { subject, members } = named(childOf(context), runtime.report())
    const effective = await found(runtime.policy.show(subject))
    return json<ChildAnswer>({ members, effective })
  }

  async function review(context: Context): Promise<Response> {
    const { subject } = named(childOf(context), runtime.report())
    const marks = mayDecide(context.req.raw.headers)
    return json(await found(runtime.approvals.review(subject, { author: 'inspector', marks })))
  }
}

function json<Answer>(answer: Answer): Response {
  return Response.json(answer)
}
