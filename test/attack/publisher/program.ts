/** The publisher's process. */
import { carryOut, settings } from '../child.ts'
import { Publisher, type PublisherReport, type PublisherSettings } from './publisher.ts'

export type PublishOrder = { readonly seconds: number }

const publisher = new Publisher(settings<PublisherSettings>())

carryOut<PublishOrder, PublisherReport>(({ seconds }) => publisher.publish(seconds))
