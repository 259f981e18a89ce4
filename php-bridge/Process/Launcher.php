<?php

declare(strict_types=1);

namespace Revurb\Process;

interface Launcher
{
    public function launch(Command $command): Child;
}
