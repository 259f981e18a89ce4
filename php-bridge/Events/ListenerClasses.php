<?php

declare(strict_types=1);

namespace Revurb\Events;

use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Events\Dispatcher as LaravelDispatcher;

/**
 * Loads the classes of events and of their listeners.
 */
final readonly class ListenerClasses
{
    public function __construct(private Dispatcher $dispatcher) {}

    /** @param  list<string>  $events */
    public function load(array $events): void
    {
        $listeners = $this->dispatcher instanceof LaravelDispatcher ? $this->dispatcher->getRawListeners() : [];

        foreach ($events as $event) {
            class_exists($event);

            foreach (is_array($listeners[$event] ?? null) ? $listeners[$event] : [] as $listener) {
                $class = is_array($listener) ? $listener[0] ?? null : $listener;

                if (is_string($class)) {
                    class_exists(strstr($class, '@', before_needle: true) ?: $class);
                }
            }
        }
    }
}
