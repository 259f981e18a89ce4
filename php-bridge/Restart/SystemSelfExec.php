<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Closure;
use Revurb\System\ApplicationDirectory;
use Revurb\System\CleanProcess;
use Revurb\System\Descriptors;
use Revurb\System\FailedCommand;
use Revurb\System\PhpFunctions;
use Revurb\System\Signals;
use Symfony\Component\Process\Exception\ExceptionInterface;

/**
 * Replaces this process by `exec` on Linux. Command line and environment are read from /proc, as this process was started with them, since
 * Laravel has changed its own copies. The directory is resolved by its name, so that a `current` symlink leads to the new release.
 */
final readonly class SystemSelfExec implements SelfExec
{
    /** The variable by which the next run gets its `HandoffState`, or `NO_SERVER`. Its presence shows that a restart has begun the run. */
    public const VARIABLE = 'REVURB_HAND_OVER';

    private const NO_SERVER = 'none';

    private const COMMAND_LINE = '/proc/self/cmdline';

    private const ENVIRONMENT = '/proc/self/environ';

    private const CHECK_SECONDS = 60;

    /** Between two looks whether the check has ended or a stop was requested. */
    private const CHECK_POLL_MICROSECONDS = 10_000;

    /** @var list<string> without the program itself */
    private array $arguments;

    /** @var array<string, string> */
    private array $environment;

    private string $directory;

    /** The path of this package below the application's directory; null if it is elsewhere, as a checkout beside it. */
    private ?string $package;

    public function __construct(
        private PhpFunctions $functions = new PhpFunctions,
        private Descriptors $descriptors = new Descriptors,
    ) {
        $this->arguments = array_slice(self::texts(self::COMMAND_LINE), 1);
        $environment = [];

        foreach (self::texts(self::ENVIRONMENT) as $variable) {
            [$name, $value] = [...explode('=', $variable, 2), ''];
            $environment[$name] = $value;
        }

        unset($environment[self::VARIABLE]);
        $this->environment = $environment;
        $this->directory = ApplicationDirectory::name($_SERVER['argv'][0] ?? '', $environment['PWD'] ?? '');
        $package = dirname(__DIR__, 2);
        $application = realpath($this->directory).'/';
        $this->package = str_starts_with($package, $application) ? substr($package, strlen($application)) : null;
    }

    public function isPossible(): bool
    {
        return $this->functions->canExecuteItself() && $this->arguments !== [] && $this->environment !== [];
    }

    /**
     * Runs the same command with `--check`: a release that does not boot must not replace a running one. The reason is the errors that it
     * logs, or else its whole output.
     */
    public function fault(Closure $isCalledOff): ?string
    {
        return $this->missing() ?? $this->descriptors->fault() ?? $this->checkFault($isCalledOff);
    }

    /** Faults that PHP would report in several lines or misleadingly: without this package, `reverb:start` is an unknown command. */
    private function missing(): ?string
    {
        clearstatcache();
        $artisan = $_SERVER['argv'][0] ?? '';
        $artisan = is_string($artisan) && str_starts_with($artisan, '/') ? $artisan : "{$this->directory}/{$artisan}";

        return match (true) {
            ! is_dir($this->directory) => "the directory of the application ({$this->directory}) is gone: deploy it again, or start reverb:start where the application is now",
            ! is_file($artisan) => "{$artisan} is missing: deploy the application again",
            $this->package !== null && ! is_dir("{$this->directory}/{$this->package}/php-bridge") => "the package revurb/revurb is missing in {$this->directory}/{$this->package}: run `composer install`, or stop this program where the package was removed on purpose",
            default => null,
        };
    }

    /** @param  Closure(): bool  $isCalledOff */
    private function checkFault(Closure $isCalledOff): ?string
    {
        $command = [PHP_BINARY, ...$this->arguments, '--check', '--log=json'];
        $shell = ClosingShell::for($this->environment);
        // The shell closes descriptors, as it does for the new run, so that the check runs under the same limits.
        $process = CleanProcess::of($shell === null ? $command : [$shell->program(), ...$shell->arguments($this->environment['PWD'] ?? '', $command)], $this->directory, $this->environment, timeoutSeconds: self::CHECK_SECONDS);

        try {
            $process->start();

            while ($process->isRunning()) {
                if ($isCalledOff()) {
                    $process->stop(0);

                    return null;
                }

                $process->checkTimeout();
                usleep(self::CHECK_POLL_MICROSECONDS);
            }

            $code = $process->wait();
        } catch (ExceptionInterface $exception) {
            return $exception->getMessage();
        }

        $output = trim($process->getOutput().$process->getErrorOutput());

        return $code === 0 ? null : (self::errorsIn($output) ?? FailedCommand::reason($code, $output));
    }

    /** The messages of JSON log lines with level `error`, or null if there are none. */
    private static function errorsIn(string $output): ?string
    {
        $entries = array_map(static fn (string $line): mixed => json_decode($line, true), explode("\n", $output));
        $errors = array_filter($entries, static fn (mixed $entry): bool => is_array($entry) && ($entry['level'] ?? null) === 'error' && is_string($entry['message'] ?? null));

        return $errors === [] ? null : implode('; ', array_column($errors, 'message'));
    }

    public function run(?HandoffState $handoff, Closure $isCalledOff): void
    {
        if (! @chdir($this->directory)) {
            return;
        }

        // A signal that arrives before the new run has its handlers would kill it, or be ignored where it is process 1; blocked signals are
        // delivered once the new run unblocks them.
        pcntl_sigprocmask(SIG_BLOCK, Signals::STOP);

        if (! $isCalledOff()) {
            Signals::cancelAlarm();
            $this->execute([...$this->environment, self::VARIABLE => $handoff?->toJson() ?? self::NO_SERVER]);
        }

        pcntl_sigprocmask(SIG_UNBLOCK, Signals::STOP);
    }

    /**
     * Returns only if it fails. If no shell can be executed, the descriptors of this run stay open in the next one, and `Descriptors`
     * reports it when there are too many.
     *
     * @param  array<string, string>  $environment
     */
    private function execute(array $environment): void
    {
        // Once the shell runs, this process cannot recover, so PHP must be executable.
        if (@is_executable(PHP_BINARY) && ($shell = ClosingShell::for($environment)) !== null) {
            @pcntl_exec($shell->program(), $shell->arguments($environment['PWD'] ?? '', [PHP_BINARY, ...$this->arguments]), $environment);
        }

        @pcntl_exec(PHP_BINARY, $this->arguments, $environment);
    }

    /** @return list<string> */
    private static function texts(string $file): array
    {
        $text = rtrim((string) @file_get_contents($file), "\0");

        return $text === '' ? [] : explode("\0", $text);
    }
}
