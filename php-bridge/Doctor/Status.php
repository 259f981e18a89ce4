<?php

declare(strict_types=1);

namespace Revurb\Doctor;

enum Status: string
{
    case Ok = 'ok';
    case Warning = 'warning';
    case Problem = 'problem';
}
