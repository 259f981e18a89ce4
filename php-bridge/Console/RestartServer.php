<?php

declare(strict_types=1);

namespace Revurb\Console;

use Illuminate\Console\Command;
use Illuminate\Support\InteractsWithTime;
use Revurb\Process\RestartSignal;
use Symfony\Component\Console\Attribute\AsCommand;

#[AsCommand(name: 'reverb:restart')]
final class RestartServer extends Command
{
    use InteractsWithTime;

    protected $signature = 'reverb:restart';

    protected $description = 'Restart the Reverb server';

    public function handle(RestartSignal $signal): void
    {
        $signal->raise($this->currentTime());

        $this->components->info('Broadcasting Reverb restart signal.');
    }
}
