import { avatar, element } from './dom'

/** Who is here. */
export class Members {
  onWave = () => {}

  #list
  #me
  #users = new Map()

  constructor(list, me) {
    this.#list = list
    this.#me = me
  }

  set(users) {
    this.#users = new Map(users.map(user => [user.id, user]))
    this.#render()
  }

  add(user) {
    this.#users.set(user.id, user)
    this.#render()
  }

  remove(user) {
    this.#users.delete(user.id)
    this.#render()
  }

  #render() {
    const others = [...this.#users.values()].filter(user => user.id !== this.#me.id)
    others.sort((a, b) => a.name.localeCompare(b.name))
    this.#list.replaceChildren(this.#row(this.#me), ...others.map(user => this.#row(user)))
    document.getElementById('count').textContent = String(others.length + 1)
    this.#invite(others.length === 0)
  }

  #row(user) {
    const row = element('li', { 'data-member': user.id }, avatar(user), element('span', { class: 'name' }, user.name))
    if (user.id === this.#me.id) {
      row.append(element('small', {}, 'you'))
    } else {
      const wave = element('button', { class: 'quiet', title: `Wave at ${user.name}: nobody else will see it` }, 'Wave')
      wave.addEventListener('click', () => this.onWave(user))
      row.append(wave)
    }

    return row
  }

  /** The same page under its other name has cookies of its own, so that one browser can be two users. */
  #invite(alone) {
    const invitation = document.getElementById('invitation')
    const other = { localhost: '127.0.0.1', '127.0.0.1': 'localhost' }[location.hostname]
    invitation.hidden = !alone || other === undefined
    if (invitation.hidden) return

    const url = new URL(`/?as=${this.#me.name === 'Grace' ? 'Ada' : 'Grace'}`, location.href)
    url.hostname = other
    invitation.querySelector('a').href = url.href
  }
}
