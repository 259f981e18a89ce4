import DefaultTheme from 'vitepress/theme'
import { Diagram } from './diagram.js'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Diagram', Diagram)
    // A page with a mistake ends the build.
    app.config.throwUnhandledErrorInProduction = true
  },
}
