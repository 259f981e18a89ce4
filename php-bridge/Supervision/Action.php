<?php

declare(strict_types=1);

namespace Revurb\Supervision;

/**
 * What a supervisor does when its server has exited.
 */
enum Action
{
    /** It starts the next server. */
    case Restart;

    /** It continues with the server of the previous run. */
    case RollBack;

    /** It ends, since another start would fail as well. */
    case GiveUp;

    /** It ends as it was meant to. */
    case End;
}
