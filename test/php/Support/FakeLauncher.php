<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Revurb\Server\Child;
use Revurb\Server\Command;
use Revurb\Server\Launcher;

final class FakeLauncher implements Launcher
{
    /** @var list<Command> */
    public array $launched = [];

    /** @param  list<Child>  $children */
    public function __construct(private array $children) {}

    public function launch(Command $command): Child
    {
        $this->launched[] = $command;

        return array_shift($this->children) ?? throw new \LogicException('One child too many.');
    }
}
