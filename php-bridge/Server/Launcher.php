<?php

declare(strict_types=1);

namespace Revurb\Server;

interface Launcher
{
    public function launch(Command $command): Child;
}
