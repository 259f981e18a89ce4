import { defineConfig } from 'vitepress'
import { braces, diagrams, linksOutside } from './markdown.ts'
import { indexed, searched } from './search.ts'
import { sidebar } from './sidebar.ts'
import { slugOf } from './slug.ts'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#e8590c" d="M4 6h24v16H17l-7 6v-6H4z"/></svg>`

export default defineConfig({
  lang: 'en',
  title: 'Revurb',
  description: "Laravel Reverb's WebSocket server, re-engineered on Bun.",
  cacheDir: '../.cache/vitepress',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: {
    anchor: { slugify: slugOf },
    // What GitHub does not have: braces are text there, and so are addresses without a link.
    attrs: { disable: true },
    linkify: false,
    // VitePress highlights these by the grammar of another language, as it has none for them.
    languageAlias: { caddyfile: 'nginx', env: 'ini', haproxy: 'ini', nft: 'nginx' },
    config: md => {
      md.use(braces)
      md.use(linksOutside)
      md.use(diagrams)
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        miniSearch: { options: { tokenize: indexed }, searchOptions: { tokenize: searched } },
      },
    },
  },
})
