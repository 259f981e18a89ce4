<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use JsonException;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Bridge\Documents;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Events\Announcements;
use Revurb\Process\BunSearch;
use Revurb\Process\MissingScript;
use Revurb\Process\NoBun;
use Revurb\Process\ServerScript;
use Revurb\Process\Supervisor;
use Symfony\Component\Console\Attribute\AsCommand;

#[AsCommand(name: 'reverb:start')]
final class StartServer extends Command
{
    protected $signature = 'reverb:start
                {--host= : The IP address the server should bind to}
                {--port= : The port the server should listen on}
                {--path= : The path the server should prefix to all routes}
                {--hostname= : The hostname the server is accessible from}
                {--debug : Indicates whether debug messages should be displayed in the terminal}';

    protected $description = 'Start the Reverb server';

    public function handle(
        Documents $documents,
        ReverbConfig $config,
        Announcements $announcements,
        BunSearch $bun,
        ServerScript $script,
        Supervisor $supervisor,
    ): int {
        try {
            $document = $documents->write(Overrides::fromOptions($this->options()), $announcements->wanted());
            $command = $script->command($bun->find($config->bun()), $document->toJson());
        } catch (JsonException $exception) {
            $this->components->error("The configuration holds something that is not text: {$exception->getMessage()}.");

            return self::FAILURE;
        } catch (MissingScript|NoBun|UnknownAppProvider $exception) {
            $this->components->error($exception->getMessage());

            return self::FAILURE;
        }

        $this->trap(static fn (): array => [SIGINT, SIGTERM, SIGTSTP], static fn () => $supervisor->signal());

        return $supervisor->run(
            $command,
            $document->drainSeconds(),
            new Terminal($this->output, $this->components, $document->serverText('path', ''), $document->serverText('hostname', '')),
        );
    }
}
