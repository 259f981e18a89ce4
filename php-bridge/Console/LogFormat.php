<?php

declare(strict_types=1);

namespace Revurb\Console;

/**
 * How the log of `reverb:start` is written to the console.
 */
enum LogFormat: string
{
    /** Lines for people, with colours. */
    case Text = 'text';

    /** One JSON object a line; docs/bridge.md lists its members. */
    case Json = 'json';
}
