<?php

declare(strict_types=1);

namespace Revurb\Process;

use RuntimeException;

final readonly class SystemLauncher implements Launcher
{
    public function launch(Command $command): Child
    {
        $process = proc_open(
            $command->arguments,
            [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']],
            $pipes,
            $command->directory,
            $command->environment,
        );

        if (! is_resource($process)) {
            throw new RuntimeException("Could not start {$command->arguments[0]}.");
        }

        $child = new SystemChild($process, $pipes[0], $pipes[1], $pipes[2]);
        $child->write($command->document);

        return $child;
    }
}
