import { useEffect, useState } from 'preact/hooks'
import { hiddenDrawMs } from '../model/limits.js'
import { type Happening, nothingKnown, type PageState, stateAfter } from '../model/page-state.js'

/** Holds the page's state, and draws it at most once a frame however much comes. */
export class Store {
  #state: PageState = nothingKnown
  #isPlanned = false
  readonly #listeners = new Set<() => void>()

  get state(): PageState {
    return this.#state
  }

  tell(happening: Happening): void {
    this.#state = stateAfter(this.#state, happening)
    if (this.#isPlanned) return
    this.#isPlanned = true
    const draw = (): void => {
      this.#isPlanned = false
      for (const listener of this.#listeners) listener()
    }
    // A hidden page gets no animation frames, and has nothing to draw but its title.
    if (document.hidden) setTimeout(draw, hiddenDrawMs)
    else requestAnimationFrame(draw)
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

export function useStore(store: Store): PageState {
  const [state, setState] = useState(store.state)
  useEffect(() => store.listen(() => setState(store.state)), [store])
  return state
}
