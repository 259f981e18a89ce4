<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Display;
use Revurb\Output\Rescue;
use Revurb\Output\StatePublisher;

/**
 * Tells systemd, the log and the published state what becomes of the server.
 */
final readonly class Announcements
{
    public function __construct(
        private NotifySocket $notify,
        private Display $display,
        private StatePublisher $publisher,
        private Rescue $rescue,
    ) {}

    public function ready(): void
    {
        $this->notify->ready();
    }

    /** @param  bool  $isBySignal  and not by a restart, which logs a line of its own */
    public function draining(bool $isBySignal): void
    {
        $this->notify->stopping();
        $this->rescue->run($this->publisher->draining(...));

        if ($isBySignal) {
            $this->rescue->run(fn () => $this->display->info('Gracefully terminating connections.', 'server-terminating'));
        }
    }

    /** The deadline of the server in that state has passed. */
    public function killed(State $state): void
    {
        $this->rescue->run(fn () => $state === State::Draining
            ? $this->display->warn('The server did not stop in time and was killed.', 'stop-timeout')
            : $this->display->warn(sprintf('The server did not listen within %d seconds and was killed.', Starter::START_SECONDS), 'start-timeout'));
    }
}
