<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Log\LogManager;
use JsonException;
use Psr\Log\LoggerInterface;
use Revurb\Apps\UnknownAppProvider;
use Revurb\Apps\UnreadableApps;
use Revurb\Apps\UnusableApps;
use Revurb\Bridge\CachedConfig;
use Revurb\Bridge\Document;
use Revurb\Bridge\DocumentBuilder;
use Revurb\Bridge\Overrides;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bridge\UnusableRedis;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\FoundBun;
use Revurb\Events\EventBridge;
use Revurb\Restart\AdoptedProcess;
use Revurb\Restart\HandoffState;
use Revurb\Restart\SystemSelfExec;
use Revurb\Restart\TakeOver;
use Revurb\Server\ExitCode;
use Revurb\Server\ServerFault;
use Revurb\Server\ServerScript;
use Revurb\Server\UnusableScript;
use Revurb\Supervision\Supervisor;
use Revurb\System\CleanProcess;
use Revurb\System\Clock;
use Revurb\System\Foreground;
use Revurb\System\PhpFunctions;
use Revurb\System\Platform;
use Revurb\System\Signals;
use RuntimeException;
use Symfony\Component\Console\Attribute\AsCommand;
use Symfony\Component\Console\Output\StreamOutput;

use function Laravel\Prompts\confirm;

#[AsCommand(name: 'reverb:start')]
final class StartServer extends Command
{
    protected $signature = 'reverb:start
                {--host= : The IP address the server should bind to}
                {--port= : The port the server should listen on}
                {--path= : The path the server should prefix to all routes}
                {--hostname= : The hostname the server is accessible from}
                {--debug : Indicates whether debug messages should be displayed in the terminal}
                {--log= : Write the log as text, or as json: one object a line}
                {--check : Check whether the server could start, and start nothing}';

    protected $description = 'Start the Reverb server';

    public function handle(
        DocumentBuilder $documentBuilder,
        ReverbConfig $config,
        EventBridge $eventBridge,
        BunForStart $bun,
        ServerScript $script,
        Supervisor $supervisor,
        CachedConfig $cached,
        PhpFunctions $functions,
        Foreground $foreground,
        Platform $platform,
        StatePublisherFactory $publishers,
    ): int {
        $format = $this->logFormat($config);
        $terminal = Terminal::on($this->output, $format ?? LogFormat::Text, $this->logChannel($config));

        if ($format === null) {
            $terminal->error('--log and servers.reverb.revurb.log (REVURB_LOG) must be text or json.', 'log-format-unknown');

            return self::FAILURE;
        }

        if ($platform->isWindows()) {
            $terminal->error(Platform::NO_SERVER.': '.Platform::FIX.'.', 'windows');

            return self::FAILURE;
        }

        if (($missing = $functions->missing()) !== null) {
            $missing->isFatal ? $terminal->error($missing->sentence(), 'php-functions-missing') : $terminal->warn($missing->sentence(), 'php-functions-missing');
        }

        if (! $functions->canStartProcesses()) {
            return self::FAILURE;
        }

        if (($fault = $cached->fault()) !== null) {
            $terminal->warn("{$fault} Run `php artisan config:cache`.", 'cached-config-stale');
        }

        $overrides = Overrides::fromOptions($this->options());

        try {
            $document = $documentBuilder->build($overrides, $eventBridge->listenedEvents());
            $found = $bun->find($this->canAsk($foreground), $this->isWanted(...), $this->installBun(...));

            if ($this->option('check')) {
                return $this->check($script, $found, $document, $format, $terminal);
            }

            $command = $script->command($found, $document->toJson());
            $takeOver = $this->takeOver($script, $found, $document);
        } catch (JsonException $exception) {
            return $this->refuse("The configuration holds something that is not text: {$exception->getMessage()}.", 'config-not-text', $terminal, $publishers);
        } catch (UnreadableApps $exception) {
            // The stack trace goes to the log, as Laravel writes it for other exceptions.
            $this->laravel->make(ExceptionHandler::class)->report($exception);

            return $this->refuse($exception->getMessage(), 'apps-unreadable', $terminal, $publishers);
        } catch (UnusableScript|BunNotFound|UnknownAppProvider|UnusableApps|UnusableRedis $exception) {
            return $this->refuse($exception->getMessage(), self::codeOf($exception), $terminal, $publishers);
        }

        $release = $functions->canHandleSignals() ? Signals::handle($supervisor->signal(...), $supervisor->hangUp(...)) : null;
        Signals::unblock();
        $display = $terminal->of($document);

        try {
            return $supervisor->run(
                $command,
                $document->drainSeconds(),
                $display,
                $publishers->of($document, $overrides, $display, $takeOver?->handoff),
                $takeOver,
            );
        } finally {
            $display->finish();
            $release?->__invoke();
        }
    }

    /** A check, a run that a restart has begun, and a command without an interactive terminal ask nothing. */
    private function canAsk(Foreground $foreground): bool
    {
        $output = $this->output->getOutput();

        return ! $this->option('check')
            && getenv(SystemSelfExec::VARIABLE) === false
            && $this->input->isInteractive()
            && $output instanceof StreamOutput
            && $foreground->canAnswer(STDIN, $output->getStream());
    }

    private function isWanted(string $question, string $hint): bool
    {
        return confirm($question, hint: $hint);
    }

    private function installBun(): bool
    {
        return $this->call('reverb:bun', ['--install' => true]) === self::SUCCESS;
    }

    /** Logs why the server cannot be started. If it has stopped for a restart, `reverb:restart --wait` prints the reason as well. */
    private function refuse(string $sentence, string $code, Terminal $terminal, StatePublisherFactory $publishers): int
    {
        $terminal->error($sentence, $code);

        if (! $this->option('check')) {
            $publishers->refused(Overrides::fromOptions($this->options()), $sentence);
        }

        return self::FAILURE;
    }

    /** The format of the log, or null if the configured one is neither. */
    private function logFormat(ReverbConfig $config): ?LogFormat
    {
        $given = $this->option('log');

        return LogFormat::tryFrom(is_string($given) && $given !== '' ? $given : $config->logFormat());
    }

    private function logChannel(ReverbConfig $config): ?LogChannel
    {
        $name = $config->logChannel();

        return $name === null ? null : new LogChannel($this->laravel->make(Clock::class), fn (): LoggerInterface => $config->hasLogChannel($name)
            ? $this->laravel->make(LogManager::class)->channel($name)
            : throw new RuntimeException("config/logging.php has no channel \"{$name}\""));
    }

    /** The code of the log line, which stays the same when a class is renamed. */
    private static function codeOf(UnusableScript|BunNotFound|UnknownAppProvider|UnusableApps|UnusableRedis $exception): string
    {
        return match ($exception::class) {
            UnusableScript::class => 'unusable-script',
            BunNotFound::class => 'no-bun',
            UnknownAppProvider::class => 'unknown-app-provider',
            UnusableApps::class => 'unusable-apps',
            UnusableRedis::class => 'unusable-redis',
        };
    }

    /**
     * Lets the server validate its document and starts nothing.
     *
     * @throws JsonException|UnusableScript
     */
    private function check(ServerScript $script, FoundBun $bun, Document $document, LogFormat $format, Terminal $terminal): int
    {
        $command = $script->command($bun, $document->toJson(), 'check');
        $arguments = $format === LogFormat::Json ? [...$command->arguments, '--log=json'] : $command->arguments;
        $check = CleanProcess::of($arguments, $command->directory, $command->environment, $command->document."\n");

        $code = $check->run(fn (string $type, string $text) => $this->output->write($text));
        $fault = ServerFault::ofCheck($command, $code, $check->getOutput().$check->getErrorOutput());

        if ($fault === null) {
            return ExitCode::ofCommand($code);
        }

        $terminal->error("{$fault->sentence}.", $fault->code);

        return self::FAILURE;
    }

    /**
     * The server that the previous run of this process has handed over, if any, and the command for its successor.
     *
     * @throws JsonException|UnusableScript
     */
    private function takeOver(ServerScript $script, FoundBun $bun, Document $document): ?TakeOver
    {
        $handoff = HandoffState::fromJson((string) getenv(SystemSelfExec::VARIABLE));
        $oldServer = $handoff === null ? null : AdoptedProcess::of($handoff->server);

        if ($handoff === null || $oldServer === null) {
            return null;
        }

        return new TakeOver($handoff, $oldServer, $script->command($bun, $document->handingOver($handoff->address, $handoff->socket)->toJson()));
    }
}
