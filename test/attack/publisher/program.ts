/** The publisher's process. */
import { handleOrders, settings } from '../child.ts'
import { Publisher, type PublisherReport, type PublisherSettings } from './publisher.ts'

export type PublishOrder = { readonly seconds: number }

const publisher = new Publisher(settings<PublisherSettings>())

handleOrders<PublishOrder, PublisherReport>(({ seconds }) => publisher.publish(seconds))
