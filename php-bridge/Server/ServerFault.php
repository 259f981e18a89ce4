<?php

declare(strict_types=1);

namespace Revurb\Server;

use Revurb\Bun\BunFault;
use Revurb\Bun\BunNotFound;

/**
 * Why a server has exited unexpectedly. Before it listens, its exit code and its files show the reason: the server has exit codes of its
 * own (docs/bridge.md); otherwise it is 127 if Bun cannot be executed, 1 if Bun cannot read or parse the script, and 0 if the script is cut
 * off before its start.
 */
final readonly class ServerFault
{
    private const NOT_EXECUTED = [126, 127];

    private const NOT_RUN = [0, 1];

    /**
     * @param  string  $sentence  without its full stop
     * @param  string  $code  of the log line
     * @param  string|null  $fix  what to do about Bun or the script, where one of them is the reason
     */
    private function __construct(
        public string $sentence,
        public string $code,
        public int $exitCode,
        public ?string $fix = null,
    ) {}

    /** The fault of a server that has listened. */
    public static function crash(int $exitCode): self
    {
        return new self("The server crashed (exit code {$exitCode})", 'server-crashed', $exitCode);
    }

    /** The fault of a server that has not listened yet. */
    public static function atStart(Command $command, int $exitCode): self
    {
        return self::ofBun($command, $exitCode) ?? self::ofScript($command, $exitCode) ?? new self("The server ended before it was ready (exit code {$exitCode})", 'ended-before-ready', $exitCode);
    }

    /** The fault of `revurb check` if the server could not judge the document, or null if it has: then it has written at least one line. */
    public static function ofCheck(Command $command, int $exitCode, string $output): ?self
    {
        return self::isOfFiles($exitCode) && ($exitCode !== ExitCode::OK || trim($output) === '') ? self::atStart($command, $exitCode) : null;
    }

    /** Whether Bun or the script is missing or incomplete. */
    public function isOfInstallation(): bool
    {
        return $this->fix !== null;
    }

    /** Whether the server itself never exits with that code before it listens. */
    private static function isOfFiles(int $exitCode): bool
    {
        return in_array($exitCode, [...self::NOT_EXECUTED, ...self::NOT_RUN], strict: true);
    }

    private static function ofBun(Command $command, int $exitCode): ?self
    {
        $fault = match (true) {
            ! self::isOfFiles($exitCode) => null,
            in_array($exitCode, self::NOT_EXECUTED, strict: true) => BunFault::of($command->program()) ?? BunFault::unknown($command->program()),
            default => BunFault::of($command->program()),
        };

        return match (true) {
            $fault === null => null,
            $command->isProgramNamed => new self("The server cannot be started, because {$command->program()}, which REVURB_BUN names, {$fault->text}: ".BunNotFound::fixOfNamed($fault), 'no-bun', $exitCode, BunNotFound::fixOfNamed($fault)),
            default => new self("The server cannot be started, because {$command->program()} {$fault->text}: run `{$fault->fix}` in the folder of the application", 'no-bun', $exitCode, $fault->fix),
        };
    }

    private static function ofScript(Command $command, int $exitCode): ?self
    {
        $script = $command->script();
        $isRun = ! in_array($exitCode, self::NOT_RUN, strict: true);

        return $isRun || $script === null ? null : new self(rtrim((UnusableScript::of($script) ?? UnusableScript::run($script, $exitCode))->getMessage(), '.'), 'unusable-script', $exitCode, UnusableScript::FIX);
    }
}
