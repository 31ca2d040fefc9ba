/** How full something is; what it says stands beside it, in text. Its width is an attribute of SVG: no style is needed. */
export function Bar({ value, max }: { readonly value: number; readonly max: number }) {
  const percent = max > 0 ? Math.min(100, Math.max(0, (value / max) * 100)) : 0
  return (
    <svg class={percent >= 90 ? 'bar full' : 'bar'} aria-hidden="true" focusable="false">
      <rect class="bar-track" width="100%" height="100%" rx="2" />
      <rect class="bar-fill" width={`${percent}%`} height="100%" rx="2" />
    </svg>
  )
}
