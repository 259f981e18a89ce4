import { useData, withBase } from 'vitepress'
import { defineComponent, h, onMounted, ref, useId, watch } from 'vue'

/** A diagram in the colors of the theme. Its source is shown until it is drawn, and where JavaScript is off. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData()
    const id = `diagram-${useId()}`
    const svg = ref('')
    const source = decodeURIComponent(props.source)

    async function draw() {
      // Loaded by pages with a diagram alone: it is larger than the rest of the site. build.ts copies it.
      const { default: mermaid } = await import(/* @vite-ignore */ withBase('/assets/mermaid/mermaid.esm.min.js'))
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? 'dark' : 'default', fontFamily: 'inherit' })
      svg.value = (await mermaid.render(id, source)).svg
    }

    onMounted(draw)
    watch(isDark, draw)

    return () =>
      svg.value === ''
        ? h('pre', { class: 'diagram' }, source)
        : h('div', { class: 'diagram', role: 'figure', innerHTML: svg.value })
  },
})
