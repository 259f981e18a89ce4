<?php

declare(strict_types=1);

namespace Revurb\Process;

/**
 * Why a server has ended that was not to. Before it listened, its exit code and its files show the reason: the server itself ends with codes of
 * its own (docs/bridge.md). What runs it ends with 127 where Bun cannot be executed, with 1 where Bun cannot read or parse the script,
 * and with 0 where the script has no start.
 */
final readonly class ServerFault
{
    private const NOT_EXECUTED = [126, 127];

    private const NOT_RUN = [0, 1];

    /**
     * @param  string  $sentence  without its full stop
     * @param  string  $code  of the log line
     * @param  string|null  $cure  a command for the folder of the application, where there is one
     */
    private function __construct(
        public string $sentence,
        public string $code,
        public int $exitCode,
        public ?string $cure = null,
    ) {}

    /** Of a server that has listened. */
    public static function crash(int $exitCode): self
    {
        return new self("The server crashed (exit code {$exitCode})", 'server-crashed', $exitCode);
    }

    /** Of one that has not. */
    public static function atStart(Command $command, int $exitCode): self
    {
        return self::ofBun($command, $exitCode) ?? self::ofScript($command, $exitCode) ?? new self("The server ended before it was ready (exit code {$exitCode})", 'ended-before-ready', $exitCode);
    }

    /** Of a `check`, where nothing has judged the document; null: the server has. It writes at least one line. */
    public static function ofCheck(Command $command, int $exitCode, string $output): ?self
    {
        return self::isOfFiles($exitCode) && ($exitCode !== ExitCode::OK || trim($output) === '') ? self::atStart($command, $exitCode) : null;
    }

    /** Whether Bun or the script is not there, or not whole. */
    public function isOfInstallation(): bool
    {
        return $this->cure !== null;
    }

    /** Whether that is an exit code that the server itself does not have before it listens. */
    private static function isOfFiles(int $exitCode): bool
    {
        return in_array($exitCode, [...self::NOT_EXECUTED, ...self::NOT_RUN], strict: true);
    }

    private static function ofBun(Command $command, int $exitCode): ?self
    {
        $fault = match (true) {
            ! self::isOfFiles($exitCode) => null,
            in_array($exitCode, self::NOT_EXECUTED, strict: true) => BunFault::of($command->program()) ?? BunFault::unknown(),
            default => BunFault::of($command->program()),
        };

        return $fault === null ? null : new self("The server cannot be started, because {$command->program()} {$fault->text}: run `{$fault->cure}` in the folder of the application", 'no-bun', $exitCode, $fault->cure);
    }

    private static function ofScript(Command $command, int $exitCode): ?self
    {
        $script = $command->script();
        $isRun = ! in_array($exitCode, self::NOT_RUN, strict: true);

        return $isRun || $script === null ? null : new self(rtrim((UnusableScript::of($script) ?? UnusableScript::run($script, $exitCode))->getMessage(), '.'), 'unusable-script', $exitCode, UnusableScript::CURE);
    }
}
