/** What could not be asked or done, and the line that mends it. */
export function Trouble({ trouble }: { readonly trouble: { readonly message: string; readonly hint?: string } }) {
  return (
    <p role="alert" class="trouble">
      <span aria-hidden="true">✕</span> {trouble.message}
      {trouble.hint !== undefined && <code class="hint">{trouble.hint}</code>}
    </p>
  )
}
