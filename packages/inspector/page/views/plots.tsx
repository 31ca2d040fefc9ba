import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import type { ChildSample, SampleReport } from '../../src/api-types.js'
import { bytesText, clockText, rateText } from '../model/format.js'

type Plot = {
  readonly title: string
  readonly of: (sample: ChildSample) => number
  readonly text: (value: number) => string
}

const plots: readonly Plot[] = [
  { title: 'Messages/s', of: ({ messagesPerSecond }) => messagesPerSecond, text: rateText },
  { title: 'Refused checks/s', of: ({ denialsPerSecond }) => denialsPerSecond, text: rateText },
  { title: 'Memory', of: ({ memoryBytes }) => memoryBytes, text: bytesText },
  { title: 'Mailbox depth', of: ({ mailboxMessages }) => mailboxMessages, text: rateText },
]

/** What a child did in the last five minutes. */
export function Plots({ samples, child }: { readonly samples: readonly SampleReport[]; readonly child: string }) {
  const own = samples.flatMap(({ time, children }) => {
    const sample = children.find((one) => one.child === child)
    return sample === undefined ? [] : [{ time, sample }]
  })
  if (own.length < 2) return <p class="dim">Measuring begins when somebody looks; the plots come in a few seconds.</p>
  const times = own.map(({ time }) => time / 1000)
  return (
    <div class="plots">
      {plots.map(({ title, of, text }) => (
        <PlotView key={title} title={title} times={times} values={own.map(({ sample }) => of(sample))} text={text} />
      ))}
    </div>
  )
}

type PlotProps = {
  readonly title: string
  readonly times: readonly number[]
  readonly values: readonly number[]
  readonly text: (value: number) => string
}

const plotHeightPx = 84

function PlotView({ title, times, values, text }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const last = values.at(-1) ?? 0
  const data: UPlot.AlignedData = [[...times], [...values]]
  const latest = useRef(data)
  latest.current = data

  useEffect(() => {
    const within = place.current
    if (within === null) return
    const draw = (): void => {
      plot.current?.destroy()
      plot.current = new UPlot(optionsFor(within, text), latest.current, within)
    }
    draw()
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: within.clientWidth, height: plotHeightPx }))
    sizes.observe(within)
    return () => {
      scheme.removeEventListener('change', draw)
      sizes.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [text])
  useEffect(() => plot.current?.setData(data))

  const highest = Math.max(...values)
  return (
    <figure>
      <figcaption>
        {title} <strong>{text(last)}</strong> <span class="dim">peak {text(highest)}</span>
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${title}: now ${text(last)}, peak ${text(highest)}`} />
    </figure>
  )
}

/** A canvas knows nothing of style sheets: its colours are read from the page. */
function optionsFor(within: HTMLElement, text: (value: number) => string): UPlot.Options {
  const style = getComputedStyle(within)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: colour('--dim'), font, ticks: { show: false }, grid: { stroke: colour('--line'), width: 1 } }
  return {
    width: within.clientWidth,
    height: plotHeightPx,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, size: 18, space: 80, values: (_plot, splits) => splits.map((at) => clockText(at * 1000)) },
      { ...axis, size: 56, space: 28, values: (_plot, splits) => splits.map(text) },
    ],
    series: [{}, { stroke: colour('--accent'), width: 1.5, points: { show: false } }],
  }
}
