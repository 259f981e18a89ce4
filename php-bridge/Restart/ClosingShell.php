<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\System\CleanProcess;
use Symfony\Component\Process\Exception\ExceptionInterface;

/**
 * A shell that closes every descriptor above stderr and then executes another program under the same process id. PHP can neither close
 * descriptors that its extensions have opened nor mark them as close-on-exec, so each execution of this process by itself would leave two
 * or more open (the script, a copy of stdout, log files, connections), until its select, which is limited to 1,023, cannot wait for a
 * server any more.
 *
 * The descriptors of a running server are not affected: its pipes are close-on-exec, and the next run knows it by its process id.
 */
final readonly class ClosingShell
{
    /**
     * In order of preference. bash passes on variables with names such as `app.name` too; `-p` keeps it from reading the file that BASH_ENV
     * names.
     */
    private const BASH = [['/bin/bash', '-p'], ['/usr/bin/bash', '-p']];

    private const SH = '/bin/sh';

    /**
     * $1 is the PWD for the program, since a shell sets its own, and $2 a pattern of the descriptors that this shell can close. The list
     * may contain the descriptor by which it was read, which is closed by then; that is no error. If there is no list, the unexpanded
     * pattern takes its place and is skipped.
     */
    private const SCRIPT = <<<'SH'
        if [ -n "$1" ]; then PWD=$1; else unset PWD; fi
        closable=$2; shift 2
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            case $fd in [012]|*[!0-9]*) ;; $closable) eval "exec $fd>&-" ;; esac
        done
        exec "$@"
        SH;

    private const ALL = '*';

    /** dash, the /bin/sh of Debian, takes a number of two digits for a command, so descriptors above 9 stay open there. */
    private const OF_ONE_DIGIT = '?';

    /** @param  list<string>  $shell  the program and its options */
    private function __construct(
        private array $shell,
        private string $closable,
    ) {}

    /**
     * Null if no shell passes the environment on unchanged.
     *
     * @param  array<string, string>  $environment
     */
    public static function for(array $environment): ?self
    {
        foreach (self::BASH as $shell) {
            if (self::isThere($shell[0])) {
                return new self($shell, self::ALL);
            }
        }

        return self::of([self::SH], $environment);
    }

    /**
     * @param  non-empty-list<string>  $shell
     * @param  array<string, string>  $environment
     */
    public static function of(array $shell, array $environment): ?self
    {
        $isKept = array_filter(array_keys($environment), static fn (string $name): bool => preg_match('/^[a-z_]\w*$/iD', $name) !== 1) === [];

        return $isKept && self::isThere($shell[0]) ? new self($shell, self::closesAll($shell) ? self::ALL : self::OF_ONE_DIGIT) : null;
    }

    public function program(): string
    {
        return $this->shell[0];
    }

    /**
     * @param  string  $pwd  the value of PWD; empty if there is none
     * @param  list<string>  $command
     * @return list<string> the arguments of the shell
     */
    public function arguments(string $pwd, array $command): array
    {
        return [...array_slice($this->shell, 1), '-c', self::SCRIPT, 'reverb:start', $pwd, $this->closable, ...$command];
    }

    /** False without a warning if `open_basedir` excludes the file; Laravel would throw that warning. */
    private static function isThere(string $shell): bool
    {
        return @is_executable($shell);
    }

    /** @param  non-empty-list<string>  $shell */
    private static function closesAll(array $shell): bool
    {
        try {
            return CleanProcess::of([...$shell, '-c', 'exec 10>&-'], '/', [])->run() === 0;
        } catch (ExceptionInterface) {
            return false;
        }
    }
}
