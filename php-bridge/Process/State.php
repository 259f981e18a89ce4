<?php

declare(strict_types=1);

namespace Revurb\Process;

enum State
{
    /** Until the server says that it listens. */
    case Starting;

    case Ready;

    /** A stop was asked for; whatever the server does now, it is not started again. */
    case Draining;

    case Stopped;
}
