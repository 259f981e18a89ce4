/** The pages of docs/, by what a reader is about to do. `index.md` lists the same ones. */
type Section = { readonly text: string; readonly items: { readonly text: string; readonly link: string }[] }

export const sidebar: Section[] = [
  section('Start', {
    installation: 'Installation',
    'first-event': 'Your first event',
    migrating: 'Migrating from Reverb',
  }),
  section('Use', {
    configuration: 'Configuration',
    running: 'Running and restarting',
    channels: 'Channels',
    events: 'Events',
    'works-with': 'Works with',
  }),
  section('Operate', {
    deployment: 'Deployment',
    docker: 'Docker and Kubernetes',
    proxies: 'Proxies',
    scaling: 'Scaling',
    monitoring: 'Monitoring',
    doctor: 'Doctor',
    troubleshooting: 'Troubleshooting',
  }),
  section('Trust', {
    security: 'Security',
    limits: 'Limits',
    measurements: 'Measurements',
    performance: 'Performance',
    differences: 'Differences from Reverb',
    comparison: 'Comparison',
  }),
  section('Inside', {
    'how-it-works': 'How it works',
    restart: 'How a restart works',
    bridge: 'The bridge',
    'tested-with': 'Tested with',
  }),
]

function section(text: string, pages: Record<string, string>): Section {
  return { text, items: Object.entries(pages).map(([name, title]) => ({ text: title, link: `/${name}` })) }
}
