<?php

declare(strict_types=1);

use Revurb\Restart\ClosingShell;

/*
 * Becomes another program through a shell, with many descriptors open and a SIGTERM pending, and then prints what that program has: for
 * tests. The arguments are the shell and its options.
 */

require __DIR__.'/../../../vendor/autoload.php';

if (getenv('EXECUTED') === '1') {
    pcntl_sigprocmask(SIG_BLOCK, [], $mask);
    $isPending = false;
    pcntl_async_signals(true);
    pcntl_signal(SIGTERM, function () use (&$isPending): void {
        $isPending = true;
    });
    // Of those the list itself, and this script, which PHP keeps open.
    $descriptors = array_values(array_filter(array_map(intval(...), array_diff(scandir('/dev/fd') ?: [], ['.', '..'])), fn (int $fd): bool => is_string(@readlink("/proc/self/fd/{$fd}"))));
    $before = getenv('BEFORE');
    pcntl_sigprocmask(SIG_UNBLOCK, [SIGTERM]);
    echo json_encode([
        'pid' => getmypid() === (int) $before,
        'pending' => $isPending,
        'masked' => in_array(SIGTERM, $mask, true),
        'inherited' => count(array_filter($descriptors, fn (int $fd): bool => str_ends_with((string) @readlink("/proc/self/fd/{$fd}"), '/passwd'))),
        'stderr' => in_array(2, $descriptors, true),
        'pwd' => getenv('PWD'),
        'odd' => getenv('app.name'),
        'value' => getenv('VALUE'),
        'arguments' => array_slice($argv, 1),
    ], JSON_THROW_ON_ERROR);
    exit(0);
}

$shell = ClosingShell::of([(string) $argv[1], ...array_slice($argv, 2)], array_filter(getenv(), is_string(...)));

if ($shell === null) {
    exit(3);
}

$files = array_map(fn (int $i) => fopen('/etc/passwd', 'r'), range(1, 1100));
pcntl_sigprocmask(SIG_BLOCK, [SIGTERM]);
posix_kill((int) getmypid(), SIGTERM);
pcntl_exec($shell->program(), $shell->arguments((string) getenv('PWD'), [PHP_BINARY, __FILE__, 'a b', '$(exit 1)', '*', "it's"]), [...getenv(), 'EXECUTED' => '1', 'BEFORE' => (string) getmypid()]);
