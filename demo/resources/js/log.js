import { avatar, element } from './dom'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** What was said, and what this user alone was told. */
export class Log {
  /** The id of the newest message that is shown. */
  last = 0

  #list
  #me
  #shown = new Set()
  #author

  constructor(list, me) {
    this.#list = list
    this.#me = me
  }

  message({ id, user, text, at }) {
    // It can come twice: with the list of what was missed, and from the queue.
    if (this.#shown.has(id)) return
    this.#shown.add(id)
    this.last = Math.max(this.last, id)

    const mine = user.id === this.#me.id
    const item = element('li', { class: mine ? 'message mine' : 'message', 'data-message': id })
    if (user.id !== this.#author) {
      item.append(avatar(user), element('p', { class: 'by' }, element('b', {}, user.name), ' ', time(at)))
    }
    item.append(element('p', { class: 'bubble' }, text))
    this.#author = user.id
    this.#append(item, mine)
  }

  notice(text) {
    this.#author = undefined
    this.#append(
      element('li', { class: 'notice', 'data-notice': '' }, element('p', {}, text), element('small', {}, 'only you see this')),
      true,
    )
  }

  /** Somebody who has scrolled up to read is left in peace. */
  #append(item, always) {
    const { scrollTop, scrollHeight, clientHeight } = this.#list
    const atEnd = scrollHeight - scrollTop - clientHeight < 80
    this.#list.append(item)
    if (always || atEnd) this.#list.scrollTop = this.#list.scrollHeight
  }
}

function time(at) {
  return element('time', { datetime: at }, clock.format(new Date(at)))
}
