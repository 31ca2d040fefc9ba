import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answer } from '../live/ask.js'
import type { TokenKeeper } from '../live/token.js'
import { reasonCharactersMax, tokenCharactersMax } from '../model/limits.js'
import { Trouble } from './trouble.js'

/** Something that is done only after a second look. */
export type Question = {
  readonly title: string
  readonly words: string
  /** On the button that does it. */
  readonly verb: string
  /** `none`: it takes no reason. */
  readonly reason: 'none' | 'optional' | 'required'
  readonly isGrave: boolean
  readonly carryOut: (reason: string) => Promise<Answer<unknown>>
}

type Props = { readonly question: Question; readonly keeper: TokenKeeper; readonly onClose: () => void }

/** Asks for what is missing, the token at the first action, and tells what came of it. */
export function Confirm({ question, keeper, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  const [token, setToken] = useState('')
  const [asksToken, setAsksToken] = useState(keeper.token === undefined)
  const [isBusy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<{ readonly message: string; readonly hint?: string }>()
  useEffect(() => dialog.current?.showModal(), [])

  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy) return
    if (asksToken && !keeper.keep(token.trim()))
      return setTrouble({ message: 'this is no token: it has other characters' })
    setBusy(true)
    const answer = await question.carryOut(reason.trim())
    setBusy(false)
    // Closed and not just taken away: so the focus goes back to where it was.
    if (answer.kind === 'ok') return dialog.current?.close()
    if (answer.kind === 'unauthorized') {
      keeper.forget()
      setAsksToken(true)
      setToken('')
      setTrouble({ message: `this token is not the right one: ${answer.message}` })
    } else setTrouble(answer)
  }

  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={onClose}>
      <form onSubmit={onSubmit} autocomplete="off">
        <h2 id="confirm-title">{question.title}</h2>
        <p>{question.words}</p>
        {question.reason !== 'none' && (
          <label>
            Reason{question.reason === 'optional' ? ' (optional)' : ''}; it goes into the audit log
            <input
              name="reason"
              value={reason}
              required={question.reason === 'required'}
              maxLength={reasonCharactersMax}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
        )}
        {asksToken && (
          <label>
            Token of the operator: the file <code>admin.token</code> of the state directory
            <input
              name="token"
              type="password"
              value={token}
              required
              maxLength={tokenCharactersMax}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          </label>
        )}
        {trouble !== undefined && <Trouble trouble={trouble} />}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={question.isGrave ? 'grave' : 'main'} disabled={isBusy}>
            {isBusy ? 'Working' : question.verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}
