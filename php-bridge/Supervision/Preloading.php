<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Log\LogManager;
use Monolog\Handler\FormattableHandlerInterface;
use Monolog\Handler\TestHandler;
use Monolog\Logger;
use Revurb\Events\EventBridge;
use Revurb\Log\LogLine;
use RuntimeException;
use Symfony\Component\Console\Output\BufferedOutput;
use Throwable;

/**
 * Loads the classes that this process may need later, since their files may be gone by then: the package was removed or updated in place,
 * or the release was deleted. Classes of this package are loaded folder by folder. What Laravel, Symfony and Monolog load when a log line
 * or an exception is written is loaded by a dry run that writes nothing.
 */
final readonly class Preloading
{
    private const OWN_FOLDERS = ['Apps', 'Bridge', 'Bun', 'Events', 'Log', 'Output', 'Restart', 'Server', 'Status', 'Supervision', 'System'];

    private const OWN_CLASSES = ['Console\Console', 'Console\LogFormat', 'Console\LogChannel'];

    /** Classes that are loaded when a command ends, a check fails or a cache store fails. A version of Laravel may lack some of them. */
    private const FOREIGN = [
        'Symfony\Component\Console\Event\ConsoleTerminateEvent',
        'Symfony\Component\Console\Event\ConsoleErrorEvent',
        'Symfony\Component\Process\Exception\ProcessFailedException',
        'Symfony\Component\Process\Exception\ProcessSignaledException',
        'Symfony\Component\Process\Exception\ProcessTimedOutException',
        'Illuminate\Console\Events\CommandFinished',
        'Illuminate\Foundation\Events\Terminating',
        'Illuminate\Support\Defer\DeferredCallbackCollection',
        'Illuminate\View\Component',
        'Illuminate\Log\Events\MessageLogged',
        'Psr\Log\LogLevel',
    ];

    /** Classes of connections to a database or to Redis, by a class that is loaded if there is such a connection. */
    private const OF_CONNECTIONS = [
        'Illuminate\Database\Connection' => [
            'Illuminate\Database\QueryException',
            'Illuminate\Database\DeadlockException',
            'Illuminate\Database\LostConnectionException',
            'Illuminate\Database\LostConnectionDetector',
            'Illuminate\Database\SQLiteDatabaseDoesNotExistException',
            'Illuminate\Database\UniqueConstraintViolationException',
            'Illuminate\Database\Events\ConnectionEstablished',
            'Illuminate\Database\Events\QueryExecuted',
        ],
        'Predis\Client' => [
            'Predis\ClientException',
            'Predis\Connection\ConnectionException',
            'Predis\Connection\Resource\Exception\StreamInitException',
            'Predis\Response\ServerException',
        ],
    ];

    public function __construct(
        private EventBridge $eventBridge,
        private ExceptionHandler $exceptions,
        private LogManager $log,
    ) {}

    public function run(): void
    {
        $this->attempt(self::loadOwn(...));
        $this->attempt(self::loadForeign(...));
        $this->attempt($this->eventBridge->preload(...));
        $this->attempt(self::dryRunConsole(...));
        $this->attempt($this->dryRunReport(...));
    }

    /** What cannot be loaded now is loaded when it is needed. */
    private function attempt(callable $do): void
    {
        try {
            $do();
        } catch (Throwable) {
        }
    }

    private static function loadOwn(): void
    {
        foreach (self::OWN_FOLDERS as $folder) {
            foreach (glob(dirname(__DIR__)."/{$folder}/*.php") ?: [] as $file) {
                self::load("Revurb\\{$folder}\\".basename($file, '.php'));
            }
        }

        foreach (self::OWN_CLASSES as $class) {
            self::load("Revurb\\{$class}");
        }
    }

    private static function loadForeign(): void
    {
        array_map(self::load(...), self::FOREIGN);

        foreach (self::OF_CONNECTIONS as $class => $classes) {
            if (class_exists($class, autoload: false)) {
                array_map(self::load(...), $classes);
            }
        }
    }

    /** `class_exists` also loads interfaces, traits and enums. */
    private static function load(string $class): void
    {
        class_exists($class);
    }

    private static function dryRunConsole(): void
    {
        $console = new BufferedOutput(decorated: true);

        foreach (['debug', 'info', 'warn', 'error'] as $level) {
            $console->writeln(LogLine::format(LogLine::entry($level, 'rehearsal', 'rehearsal', ['value' => 1])));
        }
    }

    /** Does everything that Laravel does with an exception, except for its callbacks and the writing. */
    private function dryRunReport(): void
    {
        $exception = new RuntimeException('rehearsal');
        $this->exceptions->shouldReport($exception);
        $context = $this->exceptions instanceof Handler
            ? (fn (): array => $this->buildExceptionContext($exception))->call($this->exceptions)
            : [];

        // @phpstan-ignore method.notFound (of Laravel's logger, whose interface does not name it)
        $logger = $this->log->channel()->getLogger();

        if (! $logger instanceof Logger) {
            return;
        }

        $dryRun = new Logger('rehearsal', [$handler = new TestHandler], $logger->getProcessors());
        $dryRun->error('rehearsal', ['exception' => $exception, ...$context]);

        foreach ($logger->getHandlers() as $real) {
            if ($real instanceof FormattableHandlerInterface) {
                $real->getFormatter()->format($handler->getRecords()[0]);
            }
        }
    }
}
