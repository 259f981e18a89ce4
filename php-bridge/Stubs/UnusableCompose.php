<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use RuntimeException;

/**
 * The Compose files of the application lack what the file for Sail needs.
 */
final class UnusableCompose extends RuntimeException {}
