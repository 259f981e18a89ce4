<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Revurb\Output\Rescue;
use Revurb\Output\StatePublisher;
use Revurb\Server\Command;
use Revurb\Server\Launcher;
use Revurb\Server\ServerRun;
use Revurb\System\Clock;

/**
 * Starts servers, and keeps their apps current.
 */
final readonly class Starter
{
    /** Seconds within which a server has to listen; everything that it waits for by itself takes less. */
    public const START_SECONDS = 60;

    public function __construct(
        private Launcher $launcher,
        private Clock $clock,
        private AppsWatch $apps,
        private StatePublisher $publisher,
        private Rescue $rescue,
    ) {}

    /**
     * @param  string  $address  where the server before it listened
     * @param  int  $crashes  how many servers before it have crashed in a row
     */
    public function start(Command $command, string $address, int $crashes = 0): ServerRun
    {
        $server = new ServerRun($this->launcher->launch($command), $address, $this->clock->now() + self::START_SECONDS, $crashes);
        $this->apps->serverStarted($command->document);
        $this->rescue->run($this->publisher->starting(...));
        // The apps may have changed since that document was built.
        $this->rescue->run(fn () => $this->sendAppChanges($server));

        return $server;
    }

    /** Sends changed apps to the server, and has their fingerprint published. */
    public function sendAppChanges(ServerRun $server): void
    {
        $command = $this->apps->nextCommand();

        if ($command !== null) {
            $server->pipes()?->write($command);
            $this->publisher->appsChanged($command);
        }
    }
}
