<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * The PHP functions that the supervisor needs, and for what. An extension may not be loaded, and `disable_functions` in php.ini removes
 * single functions. Every command and every check of the doctor uses this class.
 */
final readonly class PhpFunctions
{
    private const PROCESSES = ['proc_open', 'proc_get_status', 'proc_terminate', 'proc_close'];

    /** Functions that Symfony's registry of signal handlers calls. */
    private const SIGNALS = ['pcntl_async_signals', 'pcntl_signal', 'pcntl_signal_get_handler'];

    /** Functions that replace this process by a new run of itself, and those that watch the server of the previous run. */
    private const EXECUTION = [
        'pcntl_exec', 'pcntl_sigprocmask', 'pcntl_waitpid', 'pcntl_wifexited', 'pcntl_wexitstatus', 'pcntl_wifsignaled', 'pcntl_wtermsig', 'posix_kill',
    ];

    private const NO_PROCESSES = 'the server is a process of its own and cannot be started';

    private const NO_SIGNALS = 'SIGTERM and Ctrl+C end reverb:start at once with an exit code that is not 0, and it does not wait until the server has closed its connections (as process 1 of a container it ignores them)';

    private const NO_EXECUTION = 'reverb:restart stops the server, and its process manager has to start it again';

    public function canStartProcesses(): bool
    {
        return self::missingOf(self::PROCESSES) === [];
    }

    public function canHandleSignals(): bool
    {
        return self::missingOf(self::SIGNALS) === [];
    }

    public function canExecuteItself(): bool
    {
        return self::missingOf(self::EXECUTION) === [];
    }

    /** Everything that is missing, or null. */
    public function missing(): ?MissingFunctions
    {
        if (($functions = self::missingOf(self::PROCESSES)) !== []) {
            return new MissingFunctions(true, $functions, self::NO_PROCESSES, self::fix($functions));
        }

        $functions = [...self::missingOf(self::SIGNALS), ...self::missingOf(self::EXECUTION)];
        $consequences = [
            ...$this->canHandleSignals() ? [] : [self::NO_SIGNALS],
            ...$this->canExecuteItself() ? [] : [self::NO_EXECUTION],
        ];

        return $functions === [] ? null : new MissingFunctions(false, $functions, implode('; ', $consequences), self::fix($functions));
    }

    /**
     * @param  list<string>  $functions
     * @return list<string>
     */
    private static function missingOf(array $functions): array
    {
        return array_values(array_filter($functions, static fn (string $function): bool => ! function_exists($function)));
    }

    /** @param  non-empty-list<string>  $functions */
    private static function fix(array $functions): string
    {
        $disabled = array_values(array_intersect($functions, self::disabled()));
        $extensions = array_unique(array_map(
            static fn (string $function): string => strstr($function, '_', before_needle: true) ?: $function,
            array_diff($functions, $disabled),
        ));

        return implode(', and ', [
            ...$disabled === [] ? [] : ['Remove '.implode(', ', $disabled).' from disable_functions in '.self::placeOf($disabled[0])],
            ...$extensions === [] ? [] : ["Install PHP's extension ".implode(' and ', $extensions).' (in a Docker image: docker-php-ext-install '.implode(' ', $extensions).')'],
        ]);
    }

    /** @return list<string> */
    private static function disabled(): array
    {
        return array_map(static fn (string $name): string => strtolower(trim($name)), explode(',', (string) ini_get('disable_functions')));
    }

    /** The configuration file whose line is in force: PHP reads php.ini first, and the last line wins. */
    private static function placeOf(string $function): string
    {
        $files = [(string) php_ini_loaded_file(), ...explode(',', (string) php_ini_scanned_files())];

        foreach (array_reverse(array_filter(array_map(trim(...), $files))) as $file) {
            if (preg_match("/^\s*disable_functions\s*=.*\b{$function}\b/mi", (string) @file_get_contents($file)) === 1) {
                return $file;
            }
        }

        return "the command that runs PHP (-d), or in PHP's configuration";
    }
}
