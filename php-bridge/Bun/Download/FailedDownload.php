<?php

declare(strict_types=1);

namespace Revurb\Bun\Download;

use RuntimeException;

/**
 * Why a file could not be downloaded. The message is a sentence without its full stop.
 */
final class FailedDownload extends RuntimeException {}
