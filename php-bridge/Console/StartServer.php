<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use JsonException;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Apps\UnusableApps;
use Revurb\Bridge\CachedConfig;
use Revurb\Bridge\Document;
use Revurb\Bridge\Documents;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\UnusableRedis;
use Revurb\Events\Announcements;
use Revurb\Process\BunSearch;
use Revurb\Process\CleanProcess;
use Revurb\Process\HandOver;
use Revurb\Process\MissingScript;
use Revurb\Process\NoBun;
use Revurb\Process\PhpFunctions;
use Revurb\Process\Platform;
use Revurb\Process\Predecessor;
use Revurb\Process\ServerScript;
use Revurb\Process\Signals;
use Revurb\Process\Succession;
use Revurb\Process\Supervisor;
use Revurb\Process\SystemReexecution;
use Symfony\Component\Console\Attribute\AsCommand;

#[AsCommand(name: 'reverb:start')]
final class StartServer extends Command
{
    use ReportsFailures;

    /** PHP's stream_select knows only sockets there, and so a supervisor would neither see what the server prints nor its end. */
    private const WINDOWS = 'The server does not run on Windows itself, where PHP cannot wait for a program and its output: run `php artisan reverb:start` in WSL (https://learn.microsoft.com/windows/wsl/install).';

    protected $signature = 'reverb:start
                {--host= : The IP address the server should bind to}
                {--port= : The port the server should listen on}
                {--path= : The path the server should prefix to all routes}
                {--hostname= : The hostname the server is accessible from}
                {--debug : Indicates whether debug messages should be displayed in the terminal}
                {--check : Say whether the server could start, and start nothing}';

    protected $description = 'Start the Reverb server';

    public function handle(
        Documents $documents,
        ReverbConfig $config,
        Announcements $announcements,
        BunSearch $bun,
        ServerScript $script,
        Supervisor $supervisor,
        CachedConfig $cached,
        PhpFunctions $functions,
        Platform $platform,
    ): int {
        if ($platform->isWindows()) {
            $this->components->error(self::WINDOWS);

            return self::FAILURE;
        }

        if (($missing = $functions->missing()) !== null) {
            $missing->isFatal ? $this->components->error($missing->sentence()) : $this->components->warn($missing->sentence());
        }

        if (! $functions->canStartProcesses()) {
            return self::FAILURE;
        }

        if (($fault = $cached->fault()) !== null) {
            $this->components->warn("{$fault} Run `php artisan config:cache`.");
        }

        try {
            $document = $documents->write(Overrides::fromOptions($this->options()), $announcements->wanted());
            $file = $bun->find($config->bun());

            if ($this->option('check')) {
                return $this->check($script, $file, $document);
            }

            $command = $script->command($file, $document->toJson());
            $succession = $this->succession($script, $file, $document);
        } catch (JsonException $exception) {
            $this->components->error("The configuration holds something that is not text: {$exception->getMessage()}.");

            return self::FAILURE;
        } catch (UnreadableApps $exception) {
            return $this->failBecauseOf($exception);
        } catch (MissingScript|NoBun|UnknownAppProvider|UnusableApps|UnusableRedis $exception) {
            $this->components->error($exception->getMessage());

            return self::FAILURE;
        }

        if ($functions->canHandleSignals()) {
            $this->trap(Signals::STOP, static fn () => $supervisor->signal());
        }

        Signals::admit();

        return $supervisor->run(
            $command,
            $document->drainSeconds(),
            new Terminal(
                $this->output,
                $this->components,
                $document->serverText('path', ''),
                $document->serverText('hostname', ''),
                $document->certificate(),
            ),
            $succession,
        );
    }

    /**
     * The server judges its own document.
     *
     * @throws JsonException|MissingScript
     */
    private function check(ServerScript $script, string $bun, Document $document): int
    {
        $command = $script->command($bun, $document->toJson(), 'check');
        $check = CleanProcess::of($command->arguments, $command->directory, $command->environment, $command->document."\n");

        return $check->run(fn (string $type, string $text) => $this->output->write($text));
    }

    /**
     * What the run of this process before this one has left serving.
     *
     * @throws JsonException|MissingScript
     */
    private function succession(ServerScript $script, string $bun, Document $document): ?Succession
    {
        $handOver = HandOver::fromJson((string) getenv(SystemReexecution::VARIABLE));
        $predecessor = $handOver === null ? null : Predecessor::of($handOver->server);

        if ($handOver === null || $predecessor === null) {
            return null;
        }

        return new Succession($handOver, $predecessor, $script->command($bun, $document->handingOver($handOver->address, $handOver->peer)->toJson()));
    }
}
