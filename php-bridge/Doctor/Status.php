<?php

declare(strict_types=1);

namespace Revurb\Doctor;

enum Status: string
{
    case Ok = 'ok';
    /** Worth knowing, but common: it does not change the verdict. */
    case Hint = 'hint';
    case Warning = 'warning';
    case Problem = 'problem';
}
