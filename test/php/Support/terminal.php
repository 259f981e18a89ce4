<?php

declare(strict_types=1);

use Illuminate\Console\OutputStyle;
use Revurb\Console\LogFormat;
use Revurb\Console\Terminal;
use Revurb\Server\Line;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\ConsoleOutput;

/*
 * Writes more to stdout and to stderr than their pipes hold, and flushes until both are read: for tests.
 */

require __DIR__.'/../../../vendor/autoload.php';

$terminal = Terminal::on(new OutputStyle(new ArrayInput([]), new ConsoleOutput), LogFormat::Text);
$terminal->info(str_repeat('x', 200_000));
$terminal->passThrough(new Line(str_repeat('y', 200_000)."\nthe last line\n", isError: true));

while (! $terminal->flush()) {
    usleep(1000);
}
