<?php

declare(strict_types=1);

namespace Revurb\Server;

use Revurb\System\Descriptors;

final readonly class SystemLauncher implements Launcher
{
    public function __construct(private Descriptors $descriptors = new Descriptors) {}

    public function launch(Command $command): Child
    {
        if (($fault = $this->descriptors->fault()) !== null) {
            return new EndedChild($fault);
        }

        error_clear_last();
        $process = @proc_open(
            $command->arguments,
            [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']],
            $pipes,
            $command->directory,
            $command->environment,
        );

        if (! is_resource($process)) {
            // No memory, descriptor or process is left; a later attempt may succeed.
            return new EndedChild(error_get_last()['message'] ?? "{$command->program()} could not be started.");
        }

        $child = new SystemChild($process, $pipes[0], $pipes[1], $pipes[2]);
        $child->write($command->document);

        return $child;
    }
}
