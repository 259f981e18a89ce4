<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use RuntimeException;

/**
 * The Compose files of the application do not say what the file for Sail needs.
 */
final class UnusableCompose extends RuntimeException {}
