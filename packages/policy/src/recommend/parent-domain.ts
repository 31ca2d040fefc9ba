import { parentLabelsMin } from './limits.js'

/** Second labels under which countries register names for anybody. */
const registryLabels: ReadonlySet<string> = new Set(
  'ac co com edu gob gov gouv go gv id info ltd me mil ne net nhs nic nom or org plc sch school web'.split(' '),
)
/** Countries whose registries hand out names three labels deep. */
const deepCountries: ReadonlySet<string> = new Set(['jp', 'us', 'no'])
/** Domains below which unrelated people get names: at no depth is a wildcard there about one owner. */
const sharedDomains: ReadonlySet<string> = new Set(
  `amazonaws.com amazonaws.com.cn on.aws awsapprunner.com cloudfront.net elasticbeanstalk.com
  azure.com azure.net azurewebsites.net azurestaticapps.net azureedge.net azurecontainerapps.io cloudapp.net windows.net
  appspot.com cloudfunctions.net googleapis.com googleusercontent.com run.app web.app firebaseapp.com firebaseio.com
  github.io githubusercontent.com gitlab.io githubpreview.dev codeberg.page bitbucket.io
  cloudflare.net workers.dev pages.dev r2.dev trycloudflare.com vercel.app now.sh netlify.app netlify.com
  herokuapp.com fly.dev onrender.com railway.app deno.dev surge.sh glitch.me replit.app repl.co
  digitaloceanspaces.com ondigitalocean.app linodeobjects.com backblazeb2.com wasabisys.com oraclecloud.com
  ngrok.io ngrok.app ngrok-free.app localhost.run loca.lt duckdns.org no-ip.org dyndns.org
  supabase.co mongodb.net blogspot.com wordpress.com tumblr.com myshopify.com wixsite.com slack.com`.split(/\s+/),
)

/**
 * The parent below which a wildcard for this host would stand, or `undefined` where such a wildcard is never recommended:
 * the parent has fewer than three labels (a registry's two count as one), or strangers get names below it.
 *
 * @example
 * ```ts
 * parentDomain('eu.api.example.com') // 'api.example.com'
 * parentDomain('api.example.com') // undefined
 * parentDomain('a.bucket.s3.amazonaws.com') // undefined
 * ```
 */
export function parentDomain(name: string): string | undefined {
  const labels = name.split('.').slice(1)
  if (labels.length < parentLabelsMin + extraLabels(labels)) return undefined
  for (let from = 0; from < labels.length; from++) if (sharedDomains.has(labels.slice(from).join('.'))) return undefined
  return labels.join('.')
}

function extraLabels(labels: readonly string[]): number {
  const country = labels.at(-1) ?? ''
  if (country.length !== 2) return 0
  return deepCountries.has(country) ? 2 : registryLabels.has(labels.at(-2) ?? '') ? 1 : 0
}
