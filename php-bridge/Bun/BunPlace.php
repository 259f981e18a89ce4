<?php

declare(strict_types=1);

namespace Revurb\Bun;

/**
 * Where a Bun was found, in the order in which they are searched.
 */
enum BunPlace: string
{
    /** By the configuration or the variable REVURB_BUN; then no other one is searched for. */
    case Named = 'REVURB_BUN';
    /** What `reverb:bun --install` has stored. */
    case Storage = 'storage';
    case NodeModules = 'node_modules';
    case Path = 'PATH';
    /** The place of Bun's own installer. */
    case Home = 'home folder';
}
