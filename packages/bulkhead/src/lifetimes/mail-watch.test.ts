import { compileLaneFilter, MessageEncoder, Outlet } from '@bulkhead/mailbox'
import { describe, expect, it, vi } from 'vitest'
import { PostBox } from '../messages/post-box.js'
import { everyTopic as every } from '../messages/topic-authority.js'
import { MailWatch } from './mail-watch.js'

const message = new MessageEncoder().encode({ subject: 'a', body: new Uint8Array(1), sentAtNs: 1n })

function sleeping() {
  const box = new PostBox(1, { kind: 'host-mailbox' })
  const watch = new MailWatch(() => box)
  box.onMail = () => watch.look()
  const woken = vi.fn()
  const forget = watch.onWanted(woken)
  return { box, watch, woken, forget }
}

/** A lane of another sender, whose writes the host sees nothing of. */
function lane(box: PostBox): Outlet {
  const filter = compileLaneFilter({ version: 1, publish: every, subscribe: every })
  const opened = box.mailbox.openLane({ id: 's', incarnation: 1 }, filter, 1n)
  if (opened === undefined) throw new Error('there is no place')
  box.welcome(opened, { run: {} as never, target: 1 })
  return new Outlet(opened.outlet)
}

describe('a member that sleeps', () => {
  it('is woken by what the host sends', () => {
    const { box, watch, woken } = sleeping()
    expect(watch.isWanted()).toBe(false)
    box.send(message, 1n)
    expect(woken).toHaveBeenCalledTimes(1)
    expect(watch.isWanted()).toBe(true)
  })

  it('is woken by what comes on a lane, made before it slept or since', async () => {
    const { box, watch, woken } = sleeping()
    const early = lane(box)
    expect(watch.isWanted()).toBe(false)
    early.send(message)
    await vi.waitFor(() => expect(woken).toHaveBeenCalled())
    const late = sleeping()
    expect(late.watch.isWanted()).toBe(false)
    lane(late.box).send(message)
    await vi.waitFor(() => expect(late.woken).toHaveBeenCalled())
  })

  it('is left alone while somebody reads, and when nobody wants to hear of it', async () => {
    const { box, watch, woken, forget } = sleeping()
    const outlet = lane(box)
    expect(watch.isWanted()).toBe(false)
    box.reader = { post: () => {} }
    watch.rest()
    outlet.send(message)
    box.send(message, 1n)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(woken).not.toHaveBeenCalled()
    box.reader = undefined
    forget()
    watch.look()
    expect(woken).not.toHaveBeenCalled()
  })

  it('that has no mailbox has nothing to do', () => {
    const watch = new MailWatch(() => undefined)
    expect(watch.isWanted()).toBe(false)
    watch.look()
    watch.rest()
  })
})
