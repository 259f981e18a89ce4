<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * Why a server has exited unexpectedly.
 */
enum Reason
{
    case InvalidConfiguration;

    case CannotListen;

    case CannotListenAnyMore;

    /** It has ended before it listened, for one of the reasons of `ServerFault::atStart`. */
    case FailedStart;

    case Crash;
}
