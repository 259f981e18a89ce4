<?php

declare(strict_types=1);

/*
 * A small server process that keeps the protocol of docs/bridge.md, for tests: the document's `play` is how it
 * behaves.
 */

/** @param  array<string, mixed>  $line */
function say(array $line): void
{
    fwrite(STDOUT, json_encode($line, JSON_THROW_ON_ERROR)."\n");
}

pcntl_async_signals(true);
$document = json_decode((string) fgets(STDIN), true, flags: JSON_THROW_ON_ERROR);
$play = is_array($document) ? $document['play'] ?? '' : '';

if ($play === 'crash early') {
    fwrite(STDERR, "an unexpected line\n");
    exit(70);
}

$stubborn = $play === 'stubborn';
pcntl_signal(SIGTERM, static fn () => $stubborn ? null : exit(0));
say(['type' => 'ready', 'host' => '127.0.0.1', 'port' => 1, 'secure' => false, 'pid' => getmypid()]);

if ($play === 'environment') {
    foreach (getenv() as $name => $value) {
        say(['type' => 'log', 'level' => 'info', 'message' => "{$name}={$value}"]);
    }
    say(['type' => 'log', 'level' => 'info', 'message' => 'cwd='.getcwd()]);
    exit(0);
}

if ($play === 'flood') {
    for ($i = 0; $i < 20_000; $i++) {
        say(['type' => 'log', 'level' => 'info', 'message' => str_repeat('x', 100)]);
    }
    fwrite(STDOUT, 'without an end');
    exit(0);
}

if ($play === 'segfault') {
    posix_kill((int) getmypid(), SIGSEGV);
}

while (($line = fgets(STDIN)) !== false) {
    say(['type' => 'log', 'level' => 'info', 'message' => 'heard '.trim($line)]);
}

while ($stubborn && getmypid() > 0) {
    sleep(1);
}

say(['type' => 'log', 'level' => 'info', 'message' => 'drained']);
